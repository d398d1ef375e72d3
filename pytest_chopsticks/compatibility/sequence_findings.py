"""Sequences that a migration sets back to numbers that are taken, or to their end, or nearer to it.

The next old INSERT may still find a gap, so that only the position shows what is to come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
    from collections.abc import Callable

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


#: By rule, what is told of a sequence and the key that it makes.
_TOLD = {
    "sequence-set-back": "{0} continues at numbers that {1} holds already: old INSERTs will be"
    " refused as duplicates",
    "sequence-used-up": "{0} has no number left for {1}: old INSERTs that leave it out will fail",
    "sequence-narrowed": "{0} ends sooner than it did, and than {1} does: old INSERTs that leave it"
    " out will fail, or be refused as duplicates",
}

#: What the column refuses is no loss, nor is what no counter reaches; many clients end there.
_MOST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**53 - 1}


def stuck_sequences(
    connection: psycopg.Connection[Any], schema: Snapshot
) -> frozenset[tuple[str, str]]:
    """The sequences that will not give their keys a fresh number, each with the rule that says so.

    Their next number is not above all that are there, or there is none.
    """
    with connection.transaction(force_rollback=True):
        return frozenset(
            (sequence.name, rule)
            for sequence in schema.sequences.values()
            if _makes_a_key(sequence, schema)
            for rule, applies in _RULES.items()
            if applies(connection, sequence, schema.schema)
        )


def sequence_findings(
    before: Collection[tuple[str, str]], trial: Trial, places: TrialPlaces
) -> Iterator[Finding]:
    """What is stuck after the trial run and was not before it."""
    for name, rule in sorted(stuck_sequences(trial.at.connection, trial.after) - set(before)):
        yield _finding(trial.after.sequences[name], rule, places)


def narrowed_findings(before: Snapshot, after: Snapshot, places: TrialPlaces) -> Iterator[Finding]:
    """The sequences of keys that have fewer numbers to come than before, and than their column."""
    for name, sequence in sorted(after.sequences.items()):
        was = before.sequences.get(name)
        if was is None or sequence.increment < 0 or not _makes_a_key(sequence, after):
            continue
        if sequence.maximum < min(was.maximum, _most(sequence, after)):
            yield _finding(sequence, "sequence-narrowed", places)


def _most(sequence: Sequence, schema: Snapshot) -> int:
    table, _, column = str(sequence.owned_by).rpartition(".")
    return _MOST.get(schema.tables[table].columns[column].type, 0)


def _finding(sequence: Sequence, rule: str, places: TrialPlaces) -> Finding:
    column = str(sequence.owned_by)
    return Finding(
        family=Family.OLD_WRITERS,
        rule=rule,
        subject=column,
        message=_TOLD[rule].format(sequence.name, column),
        evidence=Evidence.OBSERVED,
        verdict=Verdict.BREAKS,
        place=places.of_table(column.rpartition(".")[0]),
    )


def _makes_a_key(sequence: Sequence, schema: Snapshot) -> bool:
    table, _, column = (sequence.owned_by or "").rpartition(".")
    return table in schema.tables and (column,) in keys_of(schema.tables[table])


_NEXT = sql.SQL("SELECT last_value::numeric + CASE WHEN is_called THEN {} ELSE 0 END")


def _is_behind(connection: psycopg.Connection[Any], sequence: Sequence, schema: str) -> bool:
    table, _, column = str(sequence.owned_by).rpartition(".")
    ahead = " <= (SELECT max({}) FROM {}) FROM {}"
    downwards = " >= (SELECT min({}) FROM {}) FROM {}"
    compared = sql.SQL(ahead if sequence.increment > 0 else downwards).format(
        sql.Identifier(column),
        sql.Identifier(schema, table),
        sql.Identifier(schema, sequence.name),
    )
    query = _NEXT.format(sequence.increment) + compared
    return _answer(connection, query)


def _is_used_up(connection: psycopg.Connection[Any], sequence: Sequence, schema: str) -> bool:
    compared = sql.SQL(" NOT BETWEEN {} AND {} FROM {}").format(
        sequence.minimum, sequence.maximum, sql.Identifier(schema, sequence.name)
    )
    query = _NEXT.format(sequence.increment) + compared
    return not sequence.cycle and _answer(connection, query)


def _answer(connection: psycopg.Connection[Any], query: sql.Composed) -> bool:
    try:
        with connection.transaction():
            row = connection.execute(query, prepare=False).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return False
    return bool(row and row[0])


_RULES: Mapping[str, Callable[[psycopg.Connection[Any], Sequence, str], bool]] = {
    "sequence-set-back": _is_behind,
    "sequence-used-up": _is_used_up,
}
