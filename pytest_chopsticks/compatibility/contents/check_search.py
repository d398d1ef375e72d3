"""Finds expressions whose values satisfy a table's conditions, by trying them on the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog.structure import Table
from pytest_chopsticks.compatibility.contents.attempts import Answer, Attempt, attempt_all
from pytest_chopsticks.compatibility.contents.check_candidates import candidates, constants
from pytest_chopsticks.compatibility.contents.numbered_values import ValueType, numbered
from pytest_chopsticks.compatibility.contents.row_conditions import Condition

#: The numbers that a condition has to hold for.
SAMPLE = (*range(1, 26), 999, *range(2_000_040_001, 2_000_040_009))

_CANDIDATES = 150
_COMBINATIONS = 400
_PRODUCTS = 20_000
_PER_COLUMN = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """A table and an expression for each column, None where its type is unknown."""

    table: Table
    types: Mapping[str, ValueType]
    values: Mapping[str, str | None]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Puzzle:
    """Columns of one table that conditions tie together."""

    draft: Draft
    conditions: tuple[Condition, ...]
    columns: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """What stays the same as long as the table, these columns and their conditions do."""
        types = (str(self.draft.types[name]) for name in self.columns)
        texts = (condition.expression for condition in self.conditions)
        return (self.draft.table.name, *self.columns, *types, *texts)


#: What was found for puzzles, to be tried first when they come again.
Solutions = MutableMapping[tuple[str, ...], Mapping[str, str]]


def satisfy_checks(
    connection: psycopg.Connection[Any],
    drafts: Iterable[Draft],
    conditions: Mapping[str, Sequence[Condition]],
    known: Solutions,
) -> list[Draft]:
    """Replace the expressions whose values a condition refuses, where others are found.

    One round trip where the usual values do, or those that are `known` from before; three where
    they do not.
    """
    drafts = list(drafts)
    puzzles = [puzzle for draft in drafts for puzzle in _puzzles(draft, conditions)]
    remembered = [puzzle for puzzle in puzzles if puzzle.key in known]
    questions = [_question(puzzle, _usual(puzzle)) for puzzle in puzzles]
    questions += [_question(puzzle, known[puzzle.key]) for puzzle in remembered]
    holds = [_holds(answer) for answer in attempt_all(connection, questions)]
    still = {one.key for one, good in zip(remembered, holds[len(puzzles) :], strict=True) if good}
    unusual = [one for one, good in zip(puzzles, holds, strict=False) if not good]
    solved = [(one, dict(known[one.key])) for one in unusual if one.key in still]
    unsolved = [one for one in unusual if one.key not in still]
    found = _solve(connection, _with_options(connection, unsolved)) if unsolved else []
    known.update({puzzle.key: values for puzzle, values in found if values is not None})
    return [_settled(draft, [*solved, *found]) for draft in drafts]


def _puzzles(draft: Draft, conditions: Mapping[str, Sequence[Condition]]) -> Iterator[_Puzzle]:
    """Conditions that share a column make one puzzle."""
    groups: list[tuple[set[str], list[Condition]]] = []
    for condition in conditions[draft.table.name]:
        columns = {name for name in condition.columns if draft.values.get(name)}
        apart = [group for group in groups if not group[0] & columns]
        joined = [group for group in groups if group[0] & columns]
        together = [one for _, several in joined for one in several]
        groups = [
            *apart,
            (columns.union(*(names for names, _ in joined)), [*together, condition]),
        ]
    for columns, several in groups:
        if columns:
            yield _Puzzle(draft, tuple(several), tuple(sorted(columns)))


def _usual(puzzle: _Puzzle) -> dict[str, str]:
    return {name: puzzle.draft.values[name] or "NULL" for name in puzzle.columns}


def _question(
    puzzle: _Puzzle, values: Mapping[str, str], conditions: Sequence[Condition] | None = None
) -> Attempt:
    """Ask whether the values satisfy the conditions, and how many different ones there are."""
    asked = puzzle.conditions if conditions is None else conditions
    table = puzzle.draft.table
    # The other columns are there too: a condition may be told of one that has no values.
    columns = {
        name: values.get(name) or puzzle.draft.values.get(name) or f"NULL::{column.type}"
        for name, column in table.columns.items()
    }
    listed = ", ".join(
        f"{numbered(value, 's.n')} AS {_quoted(name)}" for name, value in columns.items()
    )
    numbers = ", ".join(map(str, SAMPLE))
    holds = " AND ".join(f"({condition.expression}) IS NOT FALSE" for condition in asked) or "true"
    different = ", ".join(f"{_quoted(name)}::text" for name in values)
    return Attempt(
        f"SELECT bool_and({holds}) AS holds, count(DISTINCT ({different})) AS different "  # noqa: S608
        f"FROM (SELECT {listed} FROM unnest(ARRAY[{numbers}]::bigint[]) AS s (n)) "
        f"AS {_quoted(table.name)}",
        returns=True,
    )


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def _holds(answer: Answer) -> bool:
    return answer.sqlstate is None and dict(answer.returned[0])["holds"] is True


def _with_options(connection: psycopg.Connection[Any], puzzles: Sequence[_Puzzle]) -> list[_Puzzle]:
    """Give each column the candidates that its own conditions accept."""
    asked = [
        (number, name, candidate)
        for number, puzzle in enumerate(puzzles)
        for name in puzzle.columns
        for candidate in _candidates(puzzle, name)
    ]
    questions = [
        _question(puzzles[number], {name: candidate}, _own(puzzles[number], name))
        for number, name, candidate in asked
    ]
    accepted: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for (number, name, candidate), answer in zip(
        asked, attempt_all(connection, questions), strict=True
    ):
        if _holds(answer):
            different = dict(answer.returned[0])["different"]
            accepted.setdefault((number, name), []).append((different, candidate))
    return [
        replace(
            puzzle,
            options={
                name: _preferred(puzzle, name, accepted.get((number, name), []))
                for name in puzzle.columns
            },
        )
        for number, puzzle in enumerate(puzzles)
    ]


def _candidates(puzzle: _Puzzle, name: str) -> Iterator[str]:
    found = constants(condition.expression for condition in puzzle.conditions)
    type_ = puzzle.draft.types[name]
    usual = puzzle.draft.values[name]
    assert usual is not None
    yield from islice(candidates(type_, usual, found), _CANDIDATES)
    if puzzle.draft.table.columns[name].nullable:
        yield f"NULL::{type_.spelling}"


def _own(puzzle: _Puzzle, name: str) -> list[Condition]:
    return [condition for condition in puzzle.conditions if condition.columns <= {name}]


def _preferred(puzzle: _Puzzle, name: str, accepted: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """In a key, what gives the most different values; elsewhere, what gives more than one.

    NULL comes last, but is always there: a condition may want one of two columns.
    """
    in_key = any(name in columns for columns in keys(puzzle.draft.table))
    ranked = sorted(accepted, key=lambda one: -one[0] if in_key else one[0] < 2)
    best = [candidate for _, candidate in ranked]
    nulls = [candidate for candidate in best[_PER_COLUMN:] if candidate.startswith("NULL")]
    return (*best[:_PER_COLUMN], *nulls)


def _solve(
    connection: psycopg.Connection[Any], puzzles: Sequence[_Puzzle]
) -> list[tuple[_Puzzle, dict[str, str] | None]]:
    """Try combinations of the columns' candidates, the most preferred ones first."""
    asked = [(puzzle, values) for puzzle in puzzles for values in _combinations(puzzle)]
    questions = [_question(puzzle, values) for puzzle, values in asked]
    found: dict[int, dict[str, str]] = {}
    for (puzzle, values), answer in zip(asked, attempt_all(connection, questions), strict=True):
        if _holds(answer):
            found.setdefault(id(puzzle), values)
    return [(puzzle, found.get(id(puzzle))) for puzzle in puzzles]


def _combinations(puzzle: _Puzzle) -> Iterator[dict[str, str]]:
    most = int(_PRODUCTS ** (1 / len(puzzle.columns)))
    places = [range(min(most, len(puzzle.options[name]))) for name in puzzle.columns]
    for chosen in islice(sorted(product(*places), key=sum), _COMBINATIONS):
        yield {
            name: puzzle.options[name][place]
            for name, place in zip(puzzle.columns, chosen, strict=True)
        }


def keys(table: Table) -> tuple[tuple[str, ...], ...]:
    """The columns of the primary key and of each unique constraint or plain unique index."""
    constraints = [*filter(None, [table.primary_key]), *table.unique_constraints]
    indexes = (
        tuple(key.column for key in index.keys if key.column)
        for index in table.indexes
        if index.unique and not index.predicate and all(key.column for key in index.keys)
    )
    return tuple(dict.fromkeys((*(constraint.columns for constraint in constraints), *indexes)))


def _settled(draft: Draft, solved: Iterable[tuple[_Puzzle, dict[str, str] | None]]) -> Draft:
    for puzzle, values in solved:
        if puzzle.draft.table.name != draft.table.name:
            continue
        if values is None:
            texts = "; ".join(condition.expression for condition in puzzle.conditions)
            problem = f"{draft.table.name}: no values were found that satisfy {texts}"
            draft = replace(draft, problems=(*draft.problems, problem))
        else:
            draft = replace(draft, values={**draft.values, **values})
    return draft
