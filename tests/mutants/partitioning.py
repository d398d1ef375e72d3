"""Tables of the document as partitioned ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.canonical_ddl import create_index, create_table
from conformance.canonical_schema import Index, Table


def partitioned(table: Table, indexes: Iterable[Index] | None = None) -> Iterator[str]:
    """Statements that make the table in two partitions by hash, with its indexes or only some."""
    yield f"{create_table(table)} PARTITION BY HASH ({table.primary_key[0]})"
    for remainder in (0, 1):
        yield (
            f"CREATE TABLE {table.name}_{remainder} PARTITION OF {table.name}"
            f" FOR VALUES WITH (MODULUS 2, REMAINDER {remainder})"
        )
    for index in table.indexes if indexes is None else indexes:
        yield create_index(table, index)
