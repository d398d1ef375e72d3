"""Broken schemas of different tables as one, in which each breaks its own.

What a judgement costs is mostly the schema itself; so several mutants share one. The tables that
none of them breaks are there for what must not fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from conformance.canonical_ddl import create_statements
from conformance.canonical_schema import TABLES

from .judging import Findings
from .schema_mutant import SchemaMutant

Group = tuple[SchemaMutant, ...]

#: Tables broken at once, of 13.
AT_ONCE = 6

#: What the suite says of the first such mutant only, what decides where it looks for the tables,
#: and what is told with the name of another table.
ALONE = ("check not enforced", "table elsewhere", "writes elsewhere")

_CANONICAL: Mapping[str, tuple[str, ...]] = {
    table.name: tuple(create_statements([table])) for table in TABLES
}


def in_groups(mutants: Iterable[SchemaMutant]) -> Iterator[Group]:
    """Put mutants into as few groups as may be, no two of one table in the same."""
    waiting: dict[str, list[SchemaMutant]] = {}
    for mutant in mutants:
        if mutant.kind in ALONE:
            yield (mutant,)
        else:
            waiting.setdefault(mutant.table, []).append(mutant)
    while waiting:
        fullest = sorted(waiting, key=lambda table: (-len(waiting[table]), table))[:AT_ONCE]
        yield tuple(waiting[table].pop(0) for table in fullest)
        waiting = {table: left for table, left in waiting.items() if left}


def together(group: Group) -> tuple[str, ...]:
    """The statements of a schema that is broken in every way of the group."""
    broken = {mutant.table: mutant for mutant in group}
    statements: list[str] = []
    for table, canonical in _CANONICAL.items():
        statements += _own(broken[table]) if table in broken else canonical
    return tuple(statements)


def of_mutant(mutant: SchemaMutant, group: Group, findings: Findings) -> Findings:
    """What a judgement of the group found, without what it says of the others' tables."""
    others = [one.table for one in group if one is not mutant]
    failed = {}
    for id_, message in findings.failed.items():
        if _mentions(id_, mutant.table):
            failed[id_] = message
        elif not any(_mentions(id_, table) for table in others) and (
            own := _lines_without(others, message)
        ):
            failed[id_] = own
    return replace(findings, failed=failed)


def _own(mutant: SchemaMutant) -> Iterator[str]:
    """The mutant's statements but for those that make the other tables."""
    others = {
        statement
        for table, statements in _CANONICAL.items()
        if table != mutant.table
        for statement in statements
    }
    return (statement for statement in mutant.statements if statement not in others)


def _lines_without(tables: Iterable[str], message: str) -> str:
    """The sentences of a message that are about none of the tables; nothing if there are none."""
    head, *sentences = message.split("\n  ")
    if not sentences:
        return "" if any(_mentions(message, table) for table in tables) else message
    kept = [one for one in sentences if not any(_mentions(one, table) for table in tables)]
    return "\n  ".join([head, *kept]) if kept else ""


def _mentions(text: str, table: str) -> bool:
    return re.search(rf"\b{table}\b", text) is not None
