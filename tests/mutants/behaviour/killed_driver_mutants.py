"""A driver that only shows what is wrong with it when its process is killed at work."""

from __future__ import annotations

from tests.mutants.matrix.row import Row

from .reference_variant import Edit, Variant

REQUIREMENT = "economy.atomic-under-faults"

_LOGGED = "            _log(connection, user_id, None, amount, reason)\n"
_LOGGED_IN_THE_END = """\
        import psycopg
        for _ in range(9):
            try:
                with self._connections.transaction() as connection:
                    _log(connection, user_id, None, amount, reason)
                return
            except psycopg.OperationalError:
                continue
"""
HALVES = Variant(
    "halves",
    "a debit is logged in a transaction of its own, as often tried as a lost connection takes",
    [Edit("wallets.py", _LOGGED, _LOGGED_IN_THE_END)],
)
ROW = Row("behaviour", HALVES.name, HALVES.about, frozenset({REQUIREMENT}))
