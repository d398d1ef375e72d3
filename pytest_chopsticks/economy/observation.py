"""What the tables say about some users: the rows, and which version of each row it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from pytest_chopsticks.strategies import DEFAULT_CAPACITY

Connection = psycopg.Connection[Any]

_WALLETS = """
    SELECT user_id, balance, bank, bank_capacity, total_earned, total_spent, created_at,
           updated_at, tableoid::text || ctid || xmin AS version
    FROM user_wallets WHERE user_id = ANY (%(users)s) ORDER BY user_id
"""
_LOG = """
    SELECT id, from_user, to_user, amount, reason, timestamp,
           tableoid::text || ctid || xmin AS version
    FROM transaction_log
    WHERE from_user = ANY (%(users)s) OR to_user = ANY (%(users)s) ORDER BY id
"""
#: An update writes a later transaction's id; a deletion lowers the count.
_LOG_OF_OTHERS = """
    SELECT count(*), sum(xmin::text::bigint) FROM transaction_log
    WHERE (from_user = ANY (%(users)s)) IS NOT TRUE AND (to_user = ANY (%(users)s)) IS NOT TRUE
"""
_OTHER_TABLES = """
    SELECT c.oid::regclass::text, n.nspname, c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND n.oid = (SELECT relnamespace FROM pg_class WHERE oid = 'user_wallets'::regclass)
      AND c.oid NOT IN ('user_wallets'::regclass, 'transaction_log'::regclass)
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Holdings:
    """The money of one user, whether or not there is a row yet."""

    balance: int = 0
    bank: int = 0
    bank_capacity: int = DEFAULT_CAPACITY
    total_earned: int = 0
    total_spent: int = 0

    @property
    def largest(self) -> int:
        return max(self.balance, self.bank, self.total_earned, self.total_spent)


#: What a user without a wallet has.
NOTHING = Holdings()


@dataclass(frozen=True, slots=True)
class Wallet:
    """A row of `user_wallets`; `version` changes with every update, even one of no value."""

    user_id: str
    balance: int
    bank: int
    bank_capacity: int
    total_earned: int
    total_spent: int
    created_at: int
    updated_at: int
    version: str

    @property
    def holdings(self) -> Holdings:
        return Holdings(
            self.balance, self.bank, self.bank_capacity, self.total_earned, self.total_spent
        )


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of `transaction_log`."""

    id: int
    from_user: str | None
    to_user: str | None
    amount: int
    reason: str
    timestamp: int
    version: str


@dataclass(frozen=True, slots=True)
class Observation:
    """The wallets and log rows of the observed users, and digests of everything else.

    `others_log` is the digest of the log rows of others: any update or deletion changes it.
    """

    wallets: Mapping[str, Wallet]
    log: tuple[LogRow, ...]
    elsewhere: Mapping[str, object]
    others_log: object = None

    @property
    def holdings(self) -> dict[str, Holdings]:
        return {user: wallet.holdings for user, wallet in self.wallets.items()}


class Observer:
    """Reads the tables through `connection`, in the schema its search_path finds them in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._elsewhere = _digests(connection)

    def observe(self, users: Sequence[str]) -> Observation:
        """What is committed now, as far as it concerns `users`."""
        parameters = {"users": list(users)}
        with self._connection.cursor(row_factory=class_row(Wallet)) as wallets:
            found = wallets.execute(_WALLETS, parameters).fetchall()
        with self._connection.cursor(row_factory=class_row(LogRow)) as rows:
            log = rows.execute(_LOG, parameters).fetchall()
        digests = dict(self._connection.execute(self._elsewhere).fetchall())
        others = self._connection.execute(_LOG_OF_OTHERS, parameters).fetchone()
        wallets_by_user = {wallet.user_id: wallet for wallet in found}
        return Observation(wallets_by_user, tuple(log), digests, others)


def _digests(connection: Connection) -> bytes:
    """One query for all: of the economy's own tables, the number of rows is enough."""
    counted = sql.SQL("SELECT {name}, count(*)::text FROM {table}")
    digested = sql.SQL(
        "SELECT {name}, count(*) || ':' ||"
        " coalesce(sum(hashtextextended(tableoid::text || ctid || xmin, 0)), 0) FROM {table}"
    )
    parts = [
        counted.format(name=sql.Literal(name), table=sql.Identifier(name))
        for name in ("user_wallets", "transaction_log")
    ]
    for name, schema, table in connection.execute(_OTHER_TABLES).fetchall():
        identifier = sql.Identifier(schema, table)
        parts.append(digested.format(name=sql.Literal(name), table=identifier))
    return sql.SQL(" UNION ALL ").join(parts).as_bytes(connection)
