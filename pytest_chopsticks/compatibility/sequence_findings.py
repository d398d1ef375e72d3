"""Sequences that a migration sets back to numbers that are taken.

The next old INSERT may still find a gap, so that only the position shows what is to come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot
from pytest_chopsticks.catalog.index_coverage import keys_of
from pytest_chopsticks.compatibility.claim_findings import texts_of
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Verdict
from pytest_chopsticks.compatibility.reading import Scope, read_sql
from pytest_chopsticks.errors import MigrationFileError

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Sequence
    from pytest_chopsticks.compatibility.trial import Trial
    from pytest_chopsticks.compatibility.trial_places import TrialPlaces
    from pytest_chopsticks.migrations.files import MigrationFile


def moves_sequences(file: MigrationFile) -> bool:
    """Whether a statement in it may, or nobody can tell; inserted rows move them forwards only."""
    try:
        texts = texts_of(file)
    except MigrationFileError:
        return True
    scope = Scope()
    statements = [one for text in texts for one in read_sql(text.text, scope).statements]
    return any(text.not_analysed for text in texts) or any(
        one.moves_sequence or one.not_analysed for one in statements
    )


def taken_numbers(connection: psycopg.Connection[Any], schema: Snapshot) -> frozenset[str]:
    """The sequences whose next number is not above all numbers of the key that they make."""
    with connection.transaction(force_rollback=True):
        return frozenset(
            sequence.name
            for sequence in schema.sequences.values()
            if _makes_a_key(sequence, schema) and _is_behind(connection, sequence, schema.schema)
        )


def sequence_findings(
    before: Collection[str], trial: Trial, places: TrialPlaces
) -> Iterator[Finding]:
    """What is behind after the trial run and was not before it."""
    for name in sorted(taken_numbers(trial.at.connection, trial.after) - set(before)):
        column = str(trial.after.sequences[name].owned_by)
        yield Finding(
            family=Family.OLD_WRITERS,
            rule="sequence-set-back",
            subject=column,
            message=f"{name} continues at numbers that {column} holds already: old INSERTs will be"
            " refused as duplicates",
            evidence=Evidence.OBSERVED,
            verdict=Verdict.BREAKS,
            place=places.of_table(column.rpartition(".")[0]),
        )


def _makes_a_key(sequence: Sequence, schema: Snapshot) -> bool:
    table, _, column = (sequence.owned_by or "").rpartition(".")
    return table in schema.tables and (column,) in keys_of(schema.tables[table])


def _is_behind(connection: psycopg.Connection[Any], sequence: Sequence, schema: str) -> bool:
    table, _, column = str(sequence.owned_by).rpartition(".")
    query = sql.SQL(
        "SELECT last_value + CASE WHEN is_called THEN {} ELSE 0 END"
        " <= (SELECT max({}) FROM {}) FROM {}"
    ).format(
        sql.Literal(sequence.increment),
        sql.Identifier(column),
        sql.Identifier(schema, table),
        sql.Identifier(schema, sequence.name),
    )
    try:
        with connection.transaction():
            row = connection.execute(query, prepare=False).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return False
    return sequence.increment > 0 and bool(row and row[0])
