"""What the public strategies draw: every bound, only what is meant, and U+0000 only on request."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from pytest_chopsticks import strategies

FEW = settings(max_examples=60, deadline=None, database=None, derandomize=True)
FINDING = settings(max_examples=5_000, deadline=None, database=None, derandomize=True)


@FEW
@given(strategies.snowflakes(), strategies.agent_ids(), strategies.pool_ids())
def test_ids_have_the_formats_of_the_document(snowflake: str, agent: str, pool: str) -> None:
    assert re.fullmatch("[0-9]{17,19}", snowflake)
    assert re.fullmatch("agent[0-9]{17,19}", agent)
    assert re.fullmatch("pool_[a-z0-9_]{2,32}", pool)


@FEW
@given(strategies.discord_tokens())
def test_a_token_begins_with_the_snowflake_it_belongs_to(token: str) -> None:
    identity, time, signature = token.split(".")
    assert base64.b64decode(identity + "=" * (-len(identity) % 4)).isdigit()
    assert (len(time), len(signature)) == (6, 38)


@FEW
@given(strategies.json_settings())
def test_settings_survive_json(drawn: object) -> None:
    assert json.loads(json.dumps(drawn)) == drawn


@FEW
@given(strategies.hostile_text())
def test_text_can_be_stored(text: str) -> None:
    assert text
    assert "\0" not in text
    assert text.encode()


def test_nul_is_drawn_on_request() -> None:
    assert "\0" in find(strategies.hostile_text(nul=True), lambda text: "\0" in text)


@pytest.mark.parametrize("wanted", ["'", ";", '"', "\\", "\u202e", "%"])
def test_text_is_hostile(wanted: str) -> None:
    assert wanted in find(strategies.hostile_text(), lambda text: wanted in text, settings=FINDING)


@pytest.mark.parametrize("bound", [1, 10_000, 2**31, 2**53, 2**63 - 1])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_amounts_come_around_every_bound(bound: int, offset: int) -> None:
    amount = bound + offset
    drawn = strategies.amounts() if 1 <= amount < 2**63 else strategies.not_amounts()
    assert find(drawn, lambda found: found == amount, settings=FINDING) == amount


@FEW
@given(strategies.amounts(capacity=500, largest=1_000))
def test_amounts_stay_within_what_was_asked_for(amount: int) -> None:
    assert 1 <= amount <= 1_000


@FEW
@given(strategies.not_amounts())
def test_what_is_no_amount_could_not_be_read_as_one(value: object) -> None:
    assert not isinstance(value, bool)
    assert not (isinstance(value, int) and 0 < value < 2**63)
    assert not (isinstance(value, float) and value.is_integer())
    assert not (isinstance(value, str) and value.isdigit())


@FEW
@given(strategies.times_ms())
def test_times_are_milliseconds_since_the_freeze(time: int) -> None:
    assert 1_771_027_199_999 <= time < 4_102_444_800_000


@FEW
@given(st.data())
def test_drawing_is_reproducible(data: st.DataObject) -> None:
    """Nothing but Hypothesis' own choices decides what is drawn."""
    first = data.draw(strategies.hostile_text())
    assert isinstance(first, str)
