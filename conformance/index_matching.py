"""When does an index do what one of the document's is there for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_chopsticks.catalog.structure import Index, IndexKey

from . import canonical_schema


def canonical_keys(index: canonical_schema.Index) -> tuple[IndexKey, ...]:
    """The keys of one of the document's indexes, as a snapshot has them."""
    return tuple(
        IndexKey(text=name, column=name, descending=index.descending, nulls_first=index.descending)
        for name in index.columns
    )


def leads_with(index: Index, keys: Sequence[IndexKey]) -> bool:
    """Whether a usable, non-partial btree index begins with these columns and directions.

    The index behind a constraint does not count: the document has both.
    """
    usable = index.valid and index.ready and index.predicate is None
    return (
        usable
        and index.method == "btree"
        and not index.backs_constraint
        and _directions(index.keys[: len(keys)]) == _directions(keys)
    )


def _directions(keys: Iterable[IndexKey]) -> list[tuple[str | None, bool]]:
    return [(key.column, key.descending) for key in keys]
