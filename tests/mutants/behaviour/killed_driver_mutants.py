"""A driver that only shows what is wrong with it when its process is killed at work."""

from __future__ import annotations

from tests.mutants.matrix.row import Row

from .reference_variant import Edit, Variant

REQUIREMENT = "economy.atomic-under-faults"

_LOG = "connection.execute(_LOG, [from_user, to_user, amount, reason, now_ms()])\n"
_LOGGED_IN_THE_END = f"""\
        import psycopg
        for _ in range(9):
            try:
                with self._connections.transaction() as connection:
                    {_LOG}                return
            except psycopg.OperationalError:
                continue
"""
HALVES = Variant(
    "halves",
    "a movement is logged in a transaction of its own, as often tried as a lost connection takes",
    [Edit("wallets.py", f"            {_LOG}", _LOGGED_IN_THE_END)],
)
ROW = Row("behaviour", HALVES.name, HALVES.about, frozenset({REQUIREMENT}))
