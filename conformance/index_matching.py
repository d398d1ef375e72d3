"""The document's indexes, as a snapshot has them."""

from __future__ import annotations

from pytest_chopsticks.catalog.structure import IndexKey

from . import canonical_schema


def canonical_keys(index: canonical_schema.Index) -> tuple[IndexKey, ...]:
    """The keys of one of the document's indexes, as a snapshot has them."""
    return tuple(
        IndexKey(text=name, column=name, descending=index.descending, nulls_first=index.descending)
        for name in index.columns
    )
