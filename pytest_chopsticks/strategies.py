"""Hypothesis strategies for the values of the Chopsticks schema.

Every bound is drawn on purpose, not by luck, and everything shrinks towards the plain case. None
draws U+0000 unless asked to, which Postgres cannot store.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hypothesis import strategies as st

#: The largest BIGINT, which is what balances and amounts are.
BIGINT_MAX = 2**63 - 1

#: The `bank_capacity` of a new wallet.
DEFAULT_CAPACITY = 10_000

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

_WRONG_NUMBERS: tuple[Json, ...] = (
    *(0, -1, -(2**31), -(2**53), -(2**63)),
    *(0.5, 1.5, -0.5, 1e-9),
    *(2**63, 2**63 + 1, 2**64, 2**64 + 1, 10**30),
)
#: What is no amount: see `not_amounts`.
NOT_AMOUNTS: tuple[Json, ...] = (*_WRONG_NUMBERS, None, "", "many", [], {})

_DISCORD_EPOCH_MS = 1_420_070_400_000
_FROZEN_MS = 1_771_027_200_000
_SEVENTY_YEARS_MS = 70 * 365 * 86_400_000
_WORD = string.ascii_lowercase + string.digits + "_"
_BASE64URL = string.ascii_letters + string.digits + "-_"
_AROUND = (1, DEFAULT_CAPACITY, 2**31, 2**53, BIGINT_MAX)

#: Text that naive code mishandles.
HOSTILE_TEXTS = (
    "x'); DROP TABLE user_wallets; --",
    "double \" and 'single'",
    "back\\slash \\n \\u0041 %s %(name)s $1 {0} ?",
    "line\nfeed\ttab\r",
    "Ünïcödé ✓ 日本語 🐉",
    "e\u0301 is not é",
    "\u202eright to left\u202c עברית العربية",
    "zero\u200bwidth \ufeffBOM",
    "NULL",
    " spaces at both ends ",
    '{"json": [1, null]}',
    "very long " * 1_000,
)


def snowflakes() -> st.SearchStrategy[str]:
    """Discord ids: decimal text of 17 to 19 digits, a time since 2015 in the upper bits."""
    return st.integers(_snowflake(_DISCORD_EPOCH_MS + 86_400_000 * 365), BIGINT_MAX).map(str)


def agent_ids() -> st.SearchStrategy[str]:
    """`agent<snowflake>`."""
    return snowflakes().map("agent{}".format)


def pool_ids() -> st.SearchStrategy[str]:
    """`pool_<username>`, of a Discord user name: 2 to 32 of a-z, 0-9 and underscore."""
    return st.text(_WORD, min_size=2, max_size=32).map("pool_{}".format)


def discord_tokens() -> st.SearchStrategy[str]:
    """Text of a bot token's shape: base64 of a snowflake, six and then 38 base64url characters.

    No token that is drawn opens anything.
    """
    identity = snowflakes().map(lambda id_: base64.b64encode(id_.encode()).decode().rstrip("="))
    return st.builds("{}.{}.{}".format, identity, _base64url(6), _base64url(38))


def json_settings(*, max_leaves: int = 20) -> st.SearchStrategy[Mapping[str, Json]]:
    """A guild's settings: the document's keys, and any others with nested values of every type.

    Numbers are those that survive JSON in every language: integers within ±(2^53 - 1), and
    fractions that are exact in binary.
    """
    integers = st.one_of(st.integers(-100, 100), st.sampled_from((2**31, 2**53 - 1, 1 - 2**53)))
    leaves = st.one_of(
        st.none(), st.booleans(), integers, st.sampled_from((0.5, -2.25)), hostile_text()
    )
    values = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys(), inner, max_size=4),
        max_leaves=max_leaves,
    )
    known = st.sampled_from(("prefix", "selectedPoolId", "musicMode", "autorole"))
    return st.dictionaries(known | _keys(), values, max_size=6)


def hostile_text(*, nul: bool = False) -> st.SearchStrategy[str]:
    """Text that naive code mishandles: quotes, semicolons, scripts, directions, 10,000 characters.

    Never empty. With `nul` it may also contain U+0000, which Postgres refuses in any text.
    """
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="" if nul else "\0")
    drawn = st.one_of(
        st.text(string.ascii_lowercase, min_size=1, max_size=8),
        st.sampled_from(HOSTILE_TEXTS),
        st.text(characters, min_size=1, max_size=40),
    )
    return drawn | st.builds("{}\0{}".format, drawn, drawn) if nul else drawn


def amounts(
    *, capacity: int = DEFAULT_CAPACITY, largest: int = BIGINT_MAX
) -> st.SearchStrategy[int]:
    """Amounts of money from 1 to `largest`: small ones, and those at and next to every bound.

    The bounds are 1, `capacity`, 2^31, 2^53 and 2^63 - 1.
    """
    bounds = amount_bounds(capacity=capacity, largest=largest)
    return st.integers(1, min(100, largest)) | st.sampled_from(bounds)


def amount_bounds(*, capacity: int = DEFAULT_CAPACITY, largest: int = BIGINT_MAX) -> Sequence[int]:
    """The amounts at and next to every bound, the least first."""
    near = {bound + offset for bound in (*_AROUND, capacity) for offset in (-1, 0, 1)}
    return sorted(amount for amount in near if 1 <= amount <= largest)


def not_amounts(*, wrong_types: bool = True) -> st.SearchStrategy[Json]:
    """What is no amount: zero, negative, fractional, beyond BIGINT, or no number at all.

    Left out is what a reader of JSON may take for a whole number: 1.0, true and "1".
    """
    return st.sampled_from(NOT_AMOUNTS if wrong_types else _WRONG_NUMBERS)


def times_ms() -> st.SearchStrategy[int]:
    """Unix times in milliseconds: the schema's freeze, days around midnight UTC, decades on."""
    midnights = st.integers(0, 800).map(lambda day: _FROZEN_MS + day * 86_400_000)
    near = st.builds(int.__add__, midnights, st.sampled_from((0, -1, 1, 43_200_000)))
    return near | st.integers(_FROZEN_MS, _FROZEN_MS + _SEVENTY_YEARS_MS)


def _keys() -> st.SearchStrategy[str]:
    return st.text(string.ascii_letters, min_size=1, max_size=12) | hostile_text()


def _base64url(length: int) -> st.SearchStrategy[str]:
    return st.text(_BASE64URL, min_size=length, max_size=length)


def _snowflake(time_ms: int) -> int:
    return (time_ms - _DISCORD_EPOCH_MS) << 22
