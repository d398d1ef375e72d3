"""Every mutant there is: a family plugs in by a line here."""

from __future__ import annotations

from functools import cache

from tests.mutants import broken_schema_checks, migration_mutants, schema_mutants
from tests.mutants.behaviour import (
    economy_rows,
    killed_driver_mutants,
    migration_runner_mutants,
    recovery_mutants,
    reference_mutants,
)

from .row import Row


@cache
def all_rows() -> tuple[Row, ...]:
    """The rows of the kill matrix, family by family."""
    return (
        *(mutant.row for mutant in schema_mutants.SCHEMA_MUTANTS),
        *(mutant.row for mutant in broken_schema_checks.MUTANTS),
        *(mutant.row for mutant in reference_mutants.MUTANTS),
        *(mutant.row for mutant in migration_mutants.MUTANTS),
        migration_mutants.UNPROTECTED_RECORDS,
        *(mutant.row for mutant in migration_runner_mutants.MUTANTS),
        *(mutant.row for mutant in recovery_mutants.MUTANTS),
        *economy_rows.rows(),
        killed_driver_mutants.ROW,
    )
