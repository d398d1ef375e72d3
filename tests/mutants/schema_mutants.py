"""All broken schemas."""

from __future__ import annotations

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
