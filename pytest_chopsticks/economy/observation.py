"""What the tables say about some users: the rows, and which version of each row it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_chopsticks.strategies import DEFAULT_CAPACITY

Connection = psycopg.Connection[Any]

#: A look is one statement: one round trip, and one state of all tables.
_LOOK = sql.SQL("""
    SELECT
        (SELECT json_agg(json_build_array(
             user_id, balance, bank, bank_capacity, total_earned, total_spent,
             created_at, updated_at, tableoid::text || ctid || xmin))::text
         FROM user_wallets WHERE user_id = ANY (%(users)s)),
        (SELECT json_agg(json_build_array(
             id, from_user, to_user, amount, reason, timestamp,
             tableoid::text || ctid || xmin, xmin::text::bigint) ORDER BY id)::text
         FROM transaction_log WHERE {rows}),
        (SELECT ARRAY[count(*), sum(xmin::text::bigint), max(id)]::bigint[] FROM transaction_log),
        (SELECT count(*) FROM user_wallets)
        {elsewhere}
""")
_OF_USERS = sql.SQL("from_user = ANY (%(users)s) OR to_user = ANY (%(users)s)")
_ADDED = sql.SQL("id > %(last_id)s")
_DIGEST = sql.SQL(
    ", (SELECT count(*) || ':' ||"
    " coalesce(sum(hashtextextended(tableoid::text || ctid || xmin, 0)), 0) FROM {})"
)
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
    """A row of `transaction_log`; `written_by` is the transaction that `version` is of."""

    id: int
    from_user: str | None
    to_user: str | None
    amount: int
    reason: str
    timestamp: int
    version: str
    written_by: int


@dataclass(frozen=True, slots=True)
class LogDigest:
    """A number of rows, and the sum of the transactions that wrote them.

    An update writes a later transaction's id, and a deletion lowers the count: no write leaves it.
    """

    count: int = 0
    written_by: int = 0

    @classmethod
    def of(cls, rows: Sequence[LogRow]) -> LogDigest:
        return cls(len(rows), sum(row.written_by for row in rows))

    def __sub__(self, other: LogDigest) -> LogDigest:
        return LogDigest(self.count - other.count, self.written_by - other.written_by)


_NO_ROWS = LogDigest()


@dataclass(frozen=True)
class Observation:
    """The wallets and log rows of the observed users, and digests of everything else.

    `whole_log` is the digest of the log of all users, `last_id` the highest id in it.
    """

    wallets: Mapping[str, Wallet]
    log: tuple[LogRow, ...]
    elsewhere: Mapping[str, object]
    whole_log: LogDigest = _NO_ROWS
    last_id: int = 0

    @cached_property
    def holdings(self) -> Mapping[str, Holdings]:
        return {user: wallet.holdings for user, wallet in self.wallets.items()}

    @cached_property
    def others_log(self) -> LogDigest:
        return self.whole_log - LogDigest.of(self.log)


class Observer:
    """Reads the tables through `connection`, in the schema its search_path finds them in.

    Without `elsewhere`, tables other than the economy's own are left alone.
    """

    def __init__(self, connection: Connection, *, elsewhere: bool = True) -> None:
        self._cursor = connection.cursor(row_factory=tuple_row)
        others = self._cursor.execute(_OTHER_TABLES).fetchall() if elsewhere else []
        self._counted = ("transaction_log", "user_wallets", *(name for name, _, _ in others))
        digests = sql.Composed(
            [_DIGEST.format(sql.Identifier(schema, table)) for _, schema, table in others]
        )
        self._of_users = _LOOK.format(rows=_OF_USERS, elsewhere=digests).as_bytes(connection)
        self._added = _LOOK.format(rows=_ADDED, elsewhere=digests).as_bytes(connection)

    def observe(self, users: Sequence[str], since: Observation | None = None) -> Observation:
        """What is committed now, as far as it concerns `users`.

        After an earlier look at them, `since`, only what was added to the log is read, where the
        digests prove that everything before is as it was.
        """
        if since is not None:
            now = self._look(self._added, users, since.last_id)
            if now.whole_log - LogDigest.of(now.log) == since.whole_log:
                added = (row for row in now.log if row.from_user in users or row.to_user in users)
                return replace(now, log=(*since.log, *added))
        return self._look(self._of_users, users, 0)

    def _look(self, query: bytes, users: Sequence[str], last_id: int) -> Observation:
        parameters = {"users": list(users), "last_id": last_id}
        found = self._cursor.execute(query, parameters, prepare=True).fetchone()
        assert found is not None
        wallets, log, (count, written_by, last_id), *elsewhere = found
        return Observation(
            {user: Wallet(user, *rest) for user, *rest in _rows(wallets)},
            tuple(LogRow(*row) for row in _rows(log)),
            dict(zip(self._counted, (count, *elsewhere), strict=True)),
            LogDigest(count, written_by or 0),
            last_id or 0,
        )


def _rows(text: str | None) -> list[list[Any]]:
    """Numbers are exact, whatever type a column of money has."""
    return json.loads(text, parse_float=Decimal) if text else []
