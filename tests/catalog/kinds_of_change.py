"""Every kind of change, by a name for its case."""

from __future__ import annotations

from tests.catalog.constraint_changes import CONSTRAINTS, INDEXES
from tests.catalog.other_changes import BEHAVIOUR, PRIVILEGES, TYPES
from tests.catalog.table_changes import COLUMNS, TABLES

CASES = {
    **TABLES,
    **COLUMNS,
    **CONSTRAINTS,
    **INDEXES,
    **BEHAVIOUR,
    **TYPES,
    **PRIVILEGES,
}
