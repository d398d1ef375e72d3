"""All broken schemas, and the sample of them that an ordinary run judges."""

from __future__ import annotations

from itertools import groupby

from .behaviour_of_tables import behaviour_mutants
from .column_mutants import column_mutants
from .index_mutants import index_mutants
from .key_mutants import key_mutants
from .lookalikes import lookalike_mutants
from .schema_mutant import SchemaMutant
from .table_mutants import table_mutants

SCHEMA_MUTANTS: tuple[SchemaMutant, ...] = (
    *table_mutants(),
    *column_mutants(),
    *key_mutants(),
    *index_mutants(),
    *lookalike_mutants(),
    *behaviour_mutants(),
)


def sample() -> tuple[SchemaMutant, ...]:
    """One mutant of each kind, of another table for each."""
    by_kind = groupby(sorted(SCHEMA_MUTANTS, key=lambda one: one.kind), lambda one: one.kind)
    chosen = []
    for number, (_, group) in enumerate(by_kind):
        mutants = list(group)
        chosen.append(mutants[number % len(mutants)])
    return tuple(chosen)
