"""Statements tried on the server, each in a subtransaction, all in one round trip."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from itertools import islice
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import sql

_LOOP = sql.SQL(
    files("pytest_chopsticks.compatibility.contents").joinpath("attempts.sql").read_text("utf-8")
)
#: What one round trip carries; the setting that carries it is held in memory a few times over.
_GROUPS_AT_ONCE = 200
_GROUP_SIZE = 200

#: What the texts of values depend on.
_PINNED_SETTINGS = {
    "standard_conforming_strings": "on",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "lc_monetary": "C",
    "jit": "off",
    "check_function_bodies": "off",
    "client_min_messages": "error",
}

#: A row that came back: names and values in the order of the columns, a name perhaps twice.
Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One statement, and what is run before and after it in the same subtransaction.

    The preparations in `if_possible` may be refused. `returns` says that the statement gives rows.
    `visible` is a query for what it wrote. It is undone unless it is to be `kept`; constraints
    that are deferred then stay immediate for the rest of the transaction.
    """

    text: str
    returns: bool = False
    preparations: tuple[str, ...] = ()
    if_possible: tuple[str, ...] = ()
    visible: str | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an attempt.

    `stage` is where it ended: "preparation", "statement", "visible" or "commit". `sqlstate` and
    `message` are set where it was refused. `prepared` counts the rows of each preparation, -1 for
    one that was not possible. At most 200 rows of `returned` are kept.
    """

    stage: str
    sqlstate: str | None
    message: str | None
    row_count: int
    prepared: tuple[int, ...]
    returned: tuple[Pairs, ...]
    visible: tuple[Pairs, ...]


def attempt_all(
    connection: psycopg.Connection[Any], attempts: Iterable[Attempt]
) -> tuple[Answer, ...]:
    """Run the attempts, and answer in their order.

    Those to be kept are run in that order too; of the others, those with the same preparations are
    run together. Has to be called inside a transaction, whose settings `pin_settings` has pinned.
    What is cancelled, by a `statement_timeout` for one, ends all of it with psycopg's error.
    """
    attempts = tuple(attempts)
    answers: list[tuple[int, Answer]] = []
    groups = iter(_groups(attempts))
    while batch := list(islice(groups, _GROUPS_AT_ONCE)):
        places = [place for group in batch for place in group]
        answers += zip(places, _attempt_batch(connection, attempts, batch), strict=True)
    return tuple(answer for _, answer in sorted(answers, key=itemgetter(0)))


def _groups(attempts: Sequence[Attempt]) -> list[list[int]]:
    """The places of attempts that are prepared together."""
    groups: dict[object, list[int]] = {}
    for place, attempt in enumerate(attempts):
        alike = (attempt.preparations, attempt.if_possible) if not attempt.kept else place
        groups.setdefault(alike, []).append(place)
    return [
        places[start : start + _GROUP_SIZE]
        for places in groups.values()
        for start in range(0, len(places), _GROUP_SIZE)
    ]


def pin_settings(connection: psycopg.Connection[Any], schema: str | None = None) -> None:
    """Pin what texts depend on until the transaction or savepoint ends; `schema` is found first."""
    calls: list[sql.Composable] = [
        sql.SQL("set_config({}, {}, true)").format(name, value)
        for name, value in _PINNED_SETTINGS.items()
    ]
    if schema is not None:
        calls.append(
            sql.SQL(
                "set_config('search_path', format('%I, %s', {}::text, "
                "nullif(current_setting('search_path'), '')), true)"
            ).format(schema)
        )
    connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)))


def _attempt_batch(
    connection: psycopg.Connection[Any],
    attempts: Sequence[Attempt],
    groups: Sequence[Sequence[int]],
) -> list[Answer]:
    texts = json.dumps([_group([attempts[place] for place in group]) for group in groups])
    batch = sql.SQL(";\n").join(
        (
            sql.SQL("SELECT set_config('chopsticks.attempts', {}, true)").format(texts),
            _LOOP,
            sql.SQL("SELECT current_setting('chopsticks.answers')"),
        )
    )
    with psycopg.Cursor(connection) as cursor:
        cursor.execute(batch)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
    assert row is not None
    return [_answer(each) for each in json.loads(row[0])]


def _group(attempts: Sequence[Attempt]) -> dict[str, Any]:
    first = attempts[0]
    return {
        "if_possible": first.if_possible,
        "preparations": first.preparations,
        "kept": first.kept,
        "attempts": [
            {"text": one.text, "returns": one.returns, "visible": one.visible} for one in attempts
        ],
    }


def _answer(document: dict[str, Any]) -> Answer:
    returned, visible = (tuple(map(_pairs, document[name])) for name in ("returned", "visible"))
    return Answer(
        document["stage"],
        document["sqlstate"],
        document["message"],
        document["row_count"],
        tuple(document["prepared"]),
        returned,
        visible,
    )


def _pairs(row: str) -> Pairs:
    """Numbers as decimals, so that none is rounded and 1.50 equals 1.5."""
    pairs: Pairs = json.loads(row, parse_float=Decimal, object_pairs_hook=_Object).pairs
    return pairs


class _Object(dict[str, Any]):
    """A JSON object that also knows its pairs as they were written."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = tuple(pairs)
