"""What reading a migration's SQL adds to what was seen of it.

Where it ran, what was seen counts, and reading tells what of it nobody understood and what it
claims that was not seen. Where it could not be run, its claims are all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog import Snapshot, changes
from pytest_chopsticks.compatibility.change_findings import rule_name, rule_of
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.reading import (
    Claim,
    EmbeddedSql,
    Scope,
    SqlReading,
    read_program,
    read_sql,
)
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.sql_parts import split_parts

if TYPE_CHECKING:
    from pytest_chopsticks.compatibility.trial import Trial
    from pytest_chopsticks.compatibility.trial_places import TrialPlaces
    from pytest_chopsticks.compatibility.watching import WatchedStatement
    from pytest_chopsticks.migrations.files import MigrationFile

_OF_LOCKS = frozenset({"exclusive-lock-kept", "index-not-concurrent", "rewrite", "scan-under-lock"})
_OF_DATA = frozenset({"delete-without-where", "truncate", "update-without-where"})

#: Claims that break old clients unless something that nobody saw makes up for it.
_BREAKING = (
    _OF_LOCKS
    | _OF_DATA
    | {
        "check-added",
        "column-removed",
        "column-type-changed",
        "constraint-removed",
        "database-removed",
        "deferrable-uniqueness",
        "enum-label-renamed",
        "foreign-key-added",
        "index-removed",
        "migrations-table-changed",
        "nullability-tightened",
        "persistence-changed",
        "primary-key-added",
        "schema-removed",
        "table-removed",
        "type-removed",
        "unique-added",
    }
)

#: What a difference of the catalog must show if it happened.
_CATALOG_RULES = frozenset(
    rule_name(kind) for kind in vars(changes).values() if isinstance(kind, type)
)


def claim_findings(trial: Trial, before: Snapshot, places: TrialPlaces) -> Iterator[Finding]:
    """What of a run nobody understood by reading, and what it claims that was not seen."""
    scope = Scope(before.tables.keys())
    for statement, place in zip(trial.watched, places.of_statements, strict=True):
        reading = read_sql(statement.record.numbered, scope)
        for what in reading.not_analysed:
            yield _not_analysed(what, place)
        for claim in reading.claims:
            if not _seen(claim, statement):
                yield _unseen(claim, place)


def claims_of_file(file: MigrationFile) -> Iterator[Finding]:
    """What a file that could not be run claims to do."""
    try:
        texts = texts_of(file)
    except MigrationFileError:
        return
    scope = Scope()
    for one in texts:
        if one.not_analysed is not None:
            yield _not_analysed(one.not_analysed, Place(file.path, one.line))
        yield from _claimed(file, one, read_sql(one.text, scope))


def texts_of(file: MigrationFile) -> tuple[EmbeddedSql, ...]:
    """The SQL that stands in a file; raises `MigrationFileError` where that cannot be told."""
    if file.suffix != ".sql":
        return read_program(file.path)
    parts = split_parts(file)
    return (EmbeddedSql(parts.up, parts.before.count("\n") + 1),)


def _seen(claim: Claim, statement: WatchedStatement) -> bool:
    """Locks, scans and rows tell of themselves elsewhere; of changes the kind must agree."""
    if claim.rule in _OF_DATA:
        return True
    if claim.rule in _OF_LOCKS:
        return bool(statement.scanned or statement.rewritten or statement.waited_for)
    return claim.rule not in _CATALOG_RULES or claim.rule in map(rule_of, statement.changes)


def _claimed(file: MigrationFile, sql: EmbeddedSql, reading: SqlReading) -> Iterator[Finding]:
    def place(position: int) -> Place:
        return Place(file.path, sql.line + sql.text.count("\n", 0, position))

    for claim in reading.claims:
        breaks = claim.rule in _BREAKING
        yield Finding(
            family=_family(claim),
            rule=claim.rule,
            subject=claim.subject,
            message=claim.message,
            evidence=Evidence.CLAIMED,
            verdict=Verdict.BREAKS if breaks else Verdict.NOTED,
            place=place(claim.position),
        )
    for statement in reading.statements:
        for what in statement.not_analysed:
            yield _not_analysed(what, place(statement.start))


def _family(claim: Claim) -> Family:
    if claim.rule in _OF_LOCKS:
        return Family.LOCK_SAFE
    return Family.DATA_PRESERVED if claim.rule in _OF_DATA else Family.BACKWARD_COMPATIBLE


def _unseen(claim: Claim, place: Place) -> Finding:
    return Finding(
        family=_family(claim),
        rule=claim.rule,
        subject=claim.subject,
        message=f"its SQL says this, and nothing of it was seen: {claim.message}",
        evidence=Evidence.CLAIMED,
        verdict=Verdict.NOTED,
        place=place,
    )


def _not_analysed(what: str, place: Place) -> Finding:
    return Finding(
        family=Family.BACKWARD_COMPATIBLE,
        rule="not-analysed",
        subject="",
        message=what,
        evidence=Evidence.CLAIMED,
        verdict=Verdict.NOT_ANALYSED,
        place=place,
    )
