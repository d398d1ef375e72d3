"""Settings: what was saved comes back, under an optimistic revision."""

from functools import partial
from typing import Any

import pytest

from reference_impl import Implementation
from reference_impl.settings import Settings

from .concurrency import answers
from .conftest import Observer
from .rejected import rejected

GUILD = "175928847299117063"


@pytest.fixture
def settings(implementation: Implementation) -> Settings:
    return implementation.settings


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"deeper": value}
    return value


def test_an_unknown_guild_is_at_revision_zero(settings: Settings) -> None:
    assert settings.get(guild_id=GUILD) == {"data": {}, "rev": 0}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"prefix": "!", "musicMode": {"on": True}, "autorole": None, "list": [1, 2.5, "x"]},
        {"🥢": "箸", "": "empty key", "\\u0000": "\\\\u0000", "'; DROP TABLE x; --": '"'},
        {"snowflake": 175928847299117063, "large": 2**80, "negative": -(2**63), "small": 5e-324},
        nested(200),
    ],
    ids=["empty", "mixed", "unicode", "numbers", "deep"],
)
def test_settings_come_back(settings: Settings, data: dict[str, Any]) -> None:
    assert settings.save(guild_id=GUILD, data=data, expected_rev=0) == {"rev": 1}
    assert settings.get(guild_id=GUILD) == {"data": data, "rev": 1}


@pytest.mark.parametrize("expected_rev", [0, 2, -1, "1", True, 2**70])
def test_a_stale_revision_changes_nothing(settings: Settings, expected_rev: Any) -> None:
    settings.save(guild_id=GUILD, data={"a": 1}, expected_rev=0)

    with rejected("stale_revision"):
        settings.save(guild_id=GUILD, data={"a": 2}, expected_rev=expected_rev)

    assert settings.get(guild_id=GUILD) == {"data": {"a": 1}, "rev": 1}


def test_an_unknown_guild_has_no_later_revision(settings: Settings) -> None:
    with rejected("stale_revision"):
        settings.save(guild_id=GUILD, data={}, expected_rev=1)


def test_a_row_at_the_columns_default_revision_can_be_saved(
    settings: Settings, observer: Observer
) -> None:
    observer.execute("INSERT INTO guild_settings (guild_id, data) VALUES (%s, '{}')", GUILD)

    assert settings.save(guild_id=GUILD, data={"a": 1}, expected_rev=0) == {"rev": 1}


def test_of_concurrent_saves_one_wins(settings: Settings) -> None:
    for rev in (0, 1):
        saves = [partial(settings.save, GUILD, {"n": n}, rev) for n in range(16)]

        answered = answers(saves)

        assert answered.count({"rev": rev + 1}) == 1
        assert answered.count("stale_revision") == 15


def test_updated_at_moves_forward_even_if_the_clock_was_set_back(
    settings: Settings, observer: Observer
) -> None:
    settings.save(guild_id=GUILD, data={}, expected_rev=0)
    observer.execute("UPDATE guild_settings SET updated_at = now() + interval '1 hour'")
    before = observer.value("SELECT updated_at FROM guild_settings")

    settings.save(guild_id=GUILD, data={}, expected_rev=1)

    assert observer.value("SELECT updated_at FROM guild_settings") > before


@pytest.mark.parametrize(
    "data",
    [
        {"a": "\0"},
        {"\0": 1},
        {"a": [{"b": ["\\\0"]}]},
        {"a": "\ud800"},
        {"a": float("nan")},
        {"a": {1, 2}},
        [],
        None,
        "text",
        nested(100_000),
    ],
    ids=["value", "key", "nested", "surrogate", "nan", "set", "list", "null", "text", "depth"],
)
def test_what_jsonb_cannot_hold_is_refused(
    settings: Settings, observer: Observer, data: Any
) -> None:
    with rejected("invalid_text"):
        settings.save(guild_id=GUILD, data=data, expected_rev=0)

    assert observer.rows("SELECT * FROM guild_settings") == []
