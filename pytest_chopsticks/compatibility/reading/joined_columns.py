"""NATURAL and USING joins, whose meaning new columns of the same name change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from pytest_chopsticks.compatibility.reading.resolution import parsed_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.catalog import Snapshot


def join_problem(query: str, before: Snapshot, after: Snapshot) -> str | None:
    """What a NATURAL join now compares besides, or which USING column is no longer unique."""
    tree = parsed_query(query, before.schema)
    own = {with_query.alias for with_query in tree.find_all(exp.CTE)}
    for select in tree.find_all(exp.Select):
        was, now = (dict(_joins(select, snapshot, own)) for snapshot in (before, after))
        for join, columns in was.items():
            if now[join] != columns:
                return _told(join, columns, now[join])
    return None


_Counts = dict[str, int]


def _joins(
    select: exp.Select, snapshot: Snapshot, own: set[str]
) -> Iterator[tuple[exp.Join, _Counts]]:
    """For each NATURAL or USING join, how often the columns it compares are to its left."""
    source = select.args.get("from_") or select.args.get("from")
    left: _Counts = dict.fromkeys(_columns(source and source.this, snapshot, own), 1)
    for join in select.args.get("joins") or ():
        right = _columns(join.this, snapshot, own)
        using = {identifier.name for identifier in join.args.get("using") or ()}
        natural = join.method == "NATURAL"
        shared = {column for column in right if column in left} if natural else using
        if natural or using:
            yield join, {column: left.get(column, 0) for column in sorted(shared)}
        for column in right:
            left[column] = left.get(column, 0) + (column not in shared)


def _columns(source: object, snapshot: Snapshot, own: set[str]) -> list[str]:
    """Those of a table; a subquery's are fixed by its own text, so they do not change."""
    if not isinstance(source, exp.Table):
        return []
    quoted = isinstance(source.this, exp.Identifier) and source.this.quoted
    name = source.name if quoted else source.name.lower()
    return [] if name in own or name not in snapshot.tables else [*snapshot.tables[name].columns]


def _told(join: exp.Join, was: _Counts, now: _Counts) -> str:
    new = [column for column in now if column not in was]
    if new:
        return f"NATURAL JOIN {join.this.name} now compares {', '.join(new)} as well"
    gone = [column for column in was if column not in now or not now[column]]
    if gone:
        return f"the join with {join.this.name} no longer finds {', '.join(gone)}"
    twice = next(column for column in now if now[column] != was[column])
    return f"USING ({twice}): {twice} is now in more than one table to the left"
