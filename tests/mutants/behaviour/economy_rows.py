"""The broken wallets as rows of the kill matrix."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from tests.economy.small_wallets import Wallets
from tests.mutants.matrix.row import Row

from .economy_mutants import MUTANTS

UNPROTECTED_LOG = Row(
    "behaviour",
    "an-unprotected-log",
    "transaction_log can be written to like any other table.",
    frozenset({"economy.log-protected"}),
)


def rows() -> Iterator[Row]:
    """One for each kind of wallets, however many ways there are to notice it."""
    yield UNPROTECTED_LOG
    kinds: dict[type[Wallets], set[str]] = {}
    for mutant in MUTANTS:
        kinds.setdefault(mutant.kind, set()).update(mutant.caught_by)
    for kind, caught_by in kinds.items():
        yield Row("behaviour", kind.__name__, inspect.getdoc(kind) or "", frozenset(caught_by))


def row_of(kind: type[Wallets]) -> Row:
    return next(row for row in rows() if row.name == kind.__name__)
