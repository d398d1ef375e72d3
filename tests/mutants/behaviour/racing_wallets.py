"""Wallets that are wrong in one way each when several sessions, or losses of them, meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

import psycopg

from pytest_chopsticks.errors import Rejected
from tests.economy.small_wallets import Row, Wallets


class ReadsThenWrites(Wallets):
    """Computes in the program, from an unlocked read, and stores the result."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        self.read = self.rows("SELECT * FROM user_wallets WHERE user_id = ANY (%s)", list(users))
        return self.read

    def change(self, user: str, **changes: int) -> None:
        if user not in self.read:
            return super().change(user, **changes)
        columns = {"earned": "total_earned", "spent": "total_spent"}
        for name, change in changes.items():
            self.read[user][columns.get(name, name)] += change
        self.connection.execute(
            "UPDATE user_wallets SET balance = %(balance)s, bank = %(bank)s,"
            " total_earned = %(total_earned)s, total_spent = %(total_spent)s"
            " WHERE user_id = %(user_id)s",
            self.read[user],
        )
        return None


class ChecksCapacityTooEarly(Wallets):
    """Looks at the capacity before it has the lock."""

    def deposit(self, user_id: str, amount: int) -> None:
        amount = self.checked(amount)
        read = self.rows("SELECT * FROM user_wallets WHERE user_id = ANY (%s)", [user_id])
        with self.transaction():
            self.held(self.locked(user_id), user_id, "balance", amount)
            self.fitting(read[user_id], amount)
            self.change(user_id, balance=-amount, bank=amount)


class RefusesWhenBusy(Wallets):
    """Refuses whatever it would have to wait for."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        query = "SELECT * FROM user_wallets WHERE user_id = ANY (%s) ORDER BY 1 FOR UPDATE NOWAIT"
        try:
            return self.rows(query, list(users))
        except psycopg.errors.LockNotAvailable:
            raise Rejected("busy") from None


class SleepsWhenBusy(RefusesWhenBusy):
    """Never comes back from what it would have to wait for."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        try:
            return super().locked(*users)
        except Rejected:
            with psycopg.connect(self.connection.info.dsn) as other:
                other.execute("SELECT pg_sleep(3600)")
            raise


class LocksSenderFirst(Wallets):
    """Locks in the order of the arguments."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        found: dict[str, Row] = {}
        for user in users:
            found |= super().locked(user)
        return found


class LocksByUserInTurn(Wallets):
    """Takes an advisory lock of each user, in the order of the arguments."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        for user in users:
            self.connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [user])
        return super().locked(*users)


class LocksToReadFirst(Wallets):
    """Reads the wallets under a lock that others may share, and then writes."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        query = "SELECT * FROM user_wallets WHERE user_id = ANY (%s) ORDER BY user_id FOR SHARE"
        return self.rows(query, list(users))


class NeverTriesAgain(Wallets):
    """Leaves conflicts to the database, by SERIALIZABLE, and does not try again after one."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        with super().transaction():
            yield


class TwoTransactions(Wallets):
    """Every statement is a transaction of its own."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with nullcontext():
            yield


class TouchesAnOldRow(Wallets):
    """Updates, to the same values, the row that is sixty older: somebody else's by then."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        self.connection.execute(
            "UPDATE transaction_log SET amount = amount"
            " WHERE id = (SELECT max(id) - 60 FROM transaction_log)"
        )
        super().log(sender, receiver, amount, reason)


class UnlockedAfterALoss(ReadsThenWrites):
    """Does it again on another connection when it lost one, and forgets the lock."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        try:
            Wallets.locked(self, *users)
        except psycopg.OperationalError:
            self.connection = psycopg.connect(self.connection.info.dsn, autocommit=True)
        return super().locked(*users)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.execute("COMMIT")
