"""Fills the tables with enough rows that the planner has a reason to use an index."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from .canonical_rows import prerequisites
from .canonical_schema import Table

ROWS = 5_000

#: One statement per table that the document gives an index; `n` counts from 1 to `ROWS`. One row
#: in fifty is public, so that looking for public pools is worth an index.
_INSERTS: Mapping[str, str] = {
    "agent_pools": """
        INSERT INTO agent_pools (pool_id, owner_user_id, name, visibility, created_at, updated_at)
        SELECT 'pool_user' || n, (175928847299117063 + n)::text, 'Pool ' || n,
               CASE WHEN n % 50 = 1 THEN 'public' ELSE 'private' END, 1771027200000, 1771027200000
        FROM generate_series(1, {rows}) n""",
    "agent_bots": """
        INSERT INTO agent_bots (agent_id, token, client_id, tag, created_at, updated_at, pool_id)
        SELECT 'agent' || (175928847299117063 + n), 'b3BhcXVl' || n,
               (275928847299117063 + n)::text, 'Agent ' || n || '#3092', 1771027200000,
               1771027200000, 'pool_user' || (n % 1000 + 1)
        FROM generate_series(1, {rows}) n""",
    "user_wallets": """
        INSERT INTO user_wallets (user_id, balance, total_earned, created_at, updated_at)
        SELECT (175928847299117063 + n)::text, n * 7919 % 1000003, n * 7919 % 1000003,
               1771027200000, 1771027200000
        FROM generate_series(1, {rows}::bigint) n""",
    "transaction_log": """
        INSERT INTO transaction_log (to_user, amount, reason, timestamp)
        SELECT (175928847299117063 + n)::text, n, 'daily', 1771027200000 + n * 7919 % 1000003
        FROM generate_series(1, {rows}::bigint) n""",
    "user_inventory": """
        INSERT INTO user_inventory (user_id, item_id, acquired_at)
        SELECT (175928847299117063 + n % 1000)::text, 'item_' || n, 1771027200000
        FROM generate_series(1, {rows}) n""",
    "user_pets": """
        INSERT INTO user_pets (user_id, pet_type, name)
        SELECT (175928847299117063 + n % 1000)::text, 'cat', 'Mochi ' || n
        FROM generate_series(1, {rows}) n""",
}


class Populated:
    """A database whose tables are filled and analysed when they are first asked for."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._filled: set[str] = set()

    def with_rows_in(self, table: Table) -> psycopg.Connection[Any]:
        """Return the connection, in no transaction, once the table has its rows.

        A table that takes no such rows stays empty, which other tests tell.
        """
        for name in (*(other for other, _ in prerequisites(table)), table.name):
            if name not in self._filled:
                self._filled.add(name)
                with suppress(psycopg.Error), self._connection.transaction():
                    self._fill(name)
        return self._connection

    def _fill(self, name: str) -> None:
        self._connection.execute(sql.SQL(_INSERTS[name]).format(rows=sql.Literal(ROWS)))
        self._connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
