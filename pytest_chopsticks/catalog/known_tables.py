"""Tables that earlier snapshots have, so that what did not change is not assembled again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_chopsticks.catalog.structure import Table


class KnownTables:
    """The newest state of each table of one schema, with the rows that it was made of.

    Snapshots that were taken with the same one have the same object for a table that is the same in
    both, so that looking for differences passes it over. Copies of a database can share it: their
    tables have the same oids.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, Table]] = {}

    def table(self, oid: int, rows: Any, make: Callable[[], Table]) -> Table:
        """The table of that oid: the known one where `rows` are what it was made of."""
        known = self._known.get(oid)
        if known is not None and known[0] == rows:
            return known[1]
        made = make()
        self._known[oid] = (rows, made)
        return made
