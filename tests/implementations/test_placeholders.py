"""Where the suite's values are placed, and what else in braces is left alone."""

from pathlib import Path

import pytest

from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations import Target, TokenKey
from pytest_chopsticks.implementations.placeholders import (
    check_placeholders,
    fill_command,
    fill_env,
    placeholder_values,
    uses_migrations,
)
from tests.implementations.fake_database import FakeDatabase

KEYS = (TokenKey("a", "11" * 32), TokenKey("b", "22" * 32))
VALUES = placeholder_values(FakeDatabase(), Path("/my project/db"), KEYS)


def target(migrate: str = "true", **env: str) -> Target:
    root = Path("/my project")
    return Target(root / "chopsticks.toml", "x", migrate=migrate, migrations=root / "db", env=env)


def test_env_values_are_placed_as_they_are() -> None:
    filled = fill_env(
        {
            "DIR": "{migrations}/",
            "KEY": "{token_key}",
            "ALL": "{token_keys}",
            "U": "{database_url}",
        },
        VALUES,
    )
    assert filled == {
        "DIR": "/my project/db/",
        "KEY": "11" * 32,
        "ALL": f'[{{"id": "a", "key": "{"11" * 32}"}}, {{"id": "b", "key": "{"22" * 32}"}}]',
        "U": FakeDatabase().url,
    }


@pytest.mark.parametrize("quoted", ["{migrations}", "'{migrations}'", '"{migrations}"'])
def test_commands_get_values_quoted_for_the_shell(quoted: str) -> None:
    assert fill_command(f"ls {quoted} -l", VALUES) == "ls '/my project/db' -l"


@pytest.mark.parametrize(
    "text",
    [
        "echo ${HOME} ${migrations}",
        "awk '{print}' x",
        """curl -d '{"a": {"b": 1}}'""",
        "cp {a,b} x{1..3}",
        "{level} {message} {{x}}",
        "{}",
    ],
)
def test_other_braces_survive(text: str) -> None:
    check_placeholders(target(text, FORMAT=text))
    assert fill_command(text, VALUES) == text
    assert fill_env({"FORMAT": text}, VALUES) == {"FORMAT": text}


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("{migration}", "migrations"),
        ("{Migrations}", "migrations"),
        ("{tokenkey}", "token_key"),
        ("{database}", "database_url"),
    ],
)
def test_a_slip_is_refused_with_the_correction(slip: str, meant: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        check_placeholders(target(DIR=slip))
    assert f"env.DIR uses the unknown placeholder {slip}" in raised.value.message
    assert f"Did you mean {{{meant}}}? Known placeholders: {{migrations}}, {{token_key}}" in str(
        raised.value
    )


def test_migrations_need_a_directory() -> None:
    with pytest.raises(ConfigurationError, match=r"migrate uses \{migrations\}, but there is no"):
        check_placeholders(Target(Path("/x/chopsticks.toml"), "x", migrate="run {migrations}"))


def test_whether_another_directory_can_be_given() -> None:
    assert uses_migrations(target("run {migrations}"))
    assert uses_migrations(target("run", DIR="{migrations}"))
    assert not uses_migrations(target("run ${migrations}", KEY="{token_key}"))
