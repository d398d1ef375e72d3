"""Wallets that are wrong in one way each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import psycopg

from pytest_chopsticks.errors import Rejected
from tests.economy.small_wallets import BIGINT_MAX, Row, Wallets

from .wallets_mutant import WalletsMutant, driver_of


class LogsNoTransfer(Wallets):
    """Transfers leave no row in the log."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        if sender is None or receiver is None:
            super().log(sender, receiver, amount, reason)


class LogsTransferTwice(Wallets):
    """A transfer is logged for the sender and for the receiver."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        super().log(sender, receiver, amount, reason)
        if sender is not None and receiver is not None:
            super().log(sender, receiver, amount, reason)


class SwapsUsersInLog(Wallets):
    """The log has sender and receiver the wrong way round."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        super().log(receiver, sender, amount, reason)


class CutsReasons(Wallets):
    """Reasons are cut to 255 characters."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        super().log(sender, receiver, amount, reason[:255])


class LogsSeconds(Wallets):
    """Timestamps of the log are in seconds."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        self.connection.execute(
            "INSERT INTO transaction_log (from_user, to_user, amount, reason, timestamp)"
            " VALUES (%s, %s, %s, %s, extract(epoch FROM now())::bigint)",
            [sender, receiver, amount, reason],
        )


class TouchesLog(Wallets):
    """Updates earlier rows without changing a value."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        self.connection.execute("UPDATE transaction_log SET amount = amount")
        super().log(sender, receiver, amount, reason)


class EditsLog(Wallets):
    """Marks the user's earlier rows as old."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        self.connection.execute(
            "UPDATE transaction_log SET reason = 'old' WHERE to_user = %s", [receiver]
        )
        super().log(sender, receiver, amount, reason)


class PrunesLog(Wallets):
    """Keeps the newest row of a user only."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        self.connection.execute("DELETE FROM transaction_log WHERE to_user = %s", [receiver])
        super().log(sender, receiver, amount, reason)


class TakesAFee(Wallets):
    """A transfer costs one more than it says."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        super().log(sender, receiver, amount, reason)
        if sender is not None and receiver is not None:
            with suppress(psycopg.errors.CheckViolation), self.connection.transaction():
                self.change(sender, balance=-1, spent=1)


class LogsAFee(Wallets):
    """A transfer costs one more, with a row of its own."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        super().log(sender, receiver, amount, reason)
        if sender is not None and receiver is not None:
            with suppress(psycopg.errors.CheckViolation), self.connection.transaction():
                self.change(sender, balance=-1, spent=1)
                super().log(sender, None, 1, "fee")


class PaysTheWrongUser(Wallets):
    """What a transfer moves stays with the sender."""

    def transfer(self, from_user: str, to_user: str, amount: int, reason: str) -> None:
        amount = self.checked(amount)
        self.refuse_same(from_user, to_user)
        with self.transaction():
            self.held(self.locked(from_user), from_user, "balance", amount)
            self.log(from_user, to_user, amount, reason)


class DepositsNothing(Wallets):
    """A deposit is accepted, and does nothing."""

    def deposit(self, user_id: str, amount: int) -> None:
        with self.transaction():
            self.fitting(
                self.held(self.locked(user_id), user_id, "balance", self.checked(amount)), amount
            )


class CutsFractions(Wallets):
    """1.5 counts as 1."""

    def checked(self, amount: int) -> int:
        return super().checked(int(amount) if isinstance(amount, float) else amount)


class AcceptsNegative(Wallets):
    """A debit of -5 gives 5."""

    def checked(self, amount: int) -> int:
        return amount if isinstance(amount, int) and amount < 0 else super().checked(amount)


class AcceptsZero(Wallets):
    """A movement of nothing is a movement."""

    def checked(self, amount: int) -> int:
        return amount if isinstance(amount, int) and amount == 0 else super().checked(amount)


class MintsOnSelfTransfer(Wallets):
    """A transfer to oneself only adds."""

    def refuse_same(self, from_user: str, to_user: str) -> None:
        pass

    def pay(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        if len(wallets) == 1 and self.connection.info.transaction_status:
            self.held(wallets, user, "balance", amount)
            self.change(user, earned=0)
        else:
            super().pay(wallets, user, amount)

    def debit(self, user_id: str, amount: int, reason: str) -> None:
        with self.transaction():
            super().pay(self.locked(user_id), user_id, self.checked(amount))
            self.log(user_id, None, amount, reason)


class AcceptsSelfTransfer(Wallets):
    """A transfer to oneself is accepted, and logged."""

    def refuse_same(self, from_user: str, to_user: str) -> None:
        pass


class ClampsBalance(Wallets):
    """What does not fit into BIGINT is dropped."""

    def receive(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        held = wallets.get(user, {"balance": 0, "total_earned": 0})
        room = BIGINT_MAX - max(held["balance"], held["total_earned"])
        super().receive(wallets, user, min(amount, room))


class WrapsAmounts(Wallets):
    """Amounts are taken modulo 2^64."""

    def checked(self, amount: int) -> int:
        return super().checked(amount % 2**64 if isinstance(amount, int) else amount)


class Int32Amounts(Wallets):
    """Amounts are taken modulo 2^32."""

    def checked(self, amount: int) -> int:
        return super().checked(super().checked(amount) % 2**32)


class FloatAmounts(Wallets):
    """Amounts are doubles: from 2^53 on only every other one exists."""

    def checked(self, amount: int) -> int:
        return min(int(float(super().checked(amount))), BIGINT_MAX)


class ClampsDeposits(Wallets):
    """A deposit over capacity puts in what fits."""

    def fitting(self, wallet: Row, amount: int) -> int:
        return min(amount, int(wallet["bank_capacity"] - wallet["bank"]))


class OverfillsBank(Wallets):
    """Capacity is never looked at."""

    def fitting(self, wallet: Row, amount: int) -> int:
        return amount


class OffByOneInBank(Wallets):
    """One more than the capacity fits."""

    def fitting(self, wallet: Row, amount: int) -> int:
        if wallet["bank"] + amount > wallet["bank_capacity"] + 1:
            raise Rejected("over_capacity")
        return amount


class CreditsLowerSpent(Wallets):
    """A credit counts as less spent."""

    def receive(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        super().receive(wallets, user, amount)
        self.connection.execute(
            "UPDATE user_wallets SET total_earned = total_earned - %s,"
            " total_spent = total_spent - %s WHERE user_id = %s",
            [amount, amount, user],
        )


class ForgetsSpent(Wallets):
    """A debit is not counted in total_spent."""

    def pay(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        self.held(wallets, user, "balance", amount)
        self.change(user, balance=-amount)


class RefusalOpensWallet(Wallets):
    """Whoever is refused has a wallet from then on."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        if user not in wallets:
            self.connection.execute("COMMIT")
            self.open(user, 0, 0)
            self.connection.execute("BEGIN")
        return super().held(wallets, user, column, amount)


class RefusalTouchesWallet(Wallets):
    """A refused user was seen: updated_at moves."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        try:
            return super().held(wallets, user, column, amount)
        except Rejected:
            self.change(user) if user in wallets else None
            self.connection.execute("COMMIT")
            self.connection.execute("BEGIN")
            raise


class RefusalIsAudited(Wallets):
    """A refusal leaves a row in audit_log."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        try:
            return super().held(wallets, user, column, amount)
        except Rejected:
            self.connection.execute(
                "INSERT INTO audit_log (guild_id, user_id, action) VALUES ('0', %s, 'no')", [user]
            )
            self.connection.execute("COMMIT")
            self.connection.execute("BEGIN")
            raise


class RefusesByFault(Wallets):
    """Insufficient funds are an error of its own, not a rejection."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        try:
            return super().held(wallets, user, column, amount)
        except Rejected as error:
            raise ArithmeticError("not enough") from error


class KeepsTheLastCoin(Wallets):
    """Nobody can spend all they have."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        return super().held(wallets, user, column, amount + 1)


class GoesIntoDebt(Wallets):
    """Funds are never looked at; the schema has no checks."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        return wallets.get(user, {"bank": 0, "bank_capacity": 10_000})


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


class LocksSenderFirst(Wallets):
    """Locks in the order of the arguments."""

    def locked(self, *users: str) -> Mapping[str, Row]:
        found: dict[str, Row] = {}
        for user in users:
            found |= super().locked(user)
        return found


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


_CONSERVATION = "economy.conservation"
_REPLAY = "economy.replay"
_ONE_ROW = "economy.one-row-per-movement"
_APPEND_ONLY = "economy.log-append-only"
_REJECTIONS = "economy.rejections-leave-no-trace"
_OVERFLOW = "economy.overflow"
_TOTALS = "economy.totals"
_CAPACITY = "economy.bank-within-capacity"
_LOST = "economy.no-lost-updates"
_ORDER = "economy.serialisable"

_NO_CHECKS = (
    "ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_balance_check",
    "ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_bank_check",
)

MUTANTS = (
    WalletsMutant(
        LogsNoTransfer, [_ONE_ROW], "adds one row to transaction_log\nActual:   it added 0"
    ),
    WalletsMutant(LogsNoTransfer, [_REPLAY], "replaying transaction_log gives the balance + bank"),
    WalletsMutant(LogsTransferTwice, [_ONE_ROW], "it added 2"),
    WalletsMutant(SwapsUsersInLog, [_ONE_ROW], "from_user is alice, and should be NULL"),
    WalletsMutant(SwapsUsersInLog, [_CONSERVATION], "the log's credits minus its debits"),
    WalletsMutant(CutsReasons, [_ONE_ROW], "reason is 'a long reason"),
    WalletsMutant(LogsSeconds, [_ONE_ROW], "in milliseconds\nActual:   timestamp is"),
    WalletsMutant(TouchesLog, [_APPEND_ONLY], "was updated (the row version differs)"),
    WalletsMutant(TouchesAnOldRow, [_APPEND_ONLY], "rows of other users were updated"),
    WalletsMutant(EditsLog, [_APPEND_ONLY], "was updated"),
    WalletsMutant(PrunesLog, [_APPEND_ONLY], "is gone"),
    WalletsMutant(TakesAFee, [_CONSERVATION, _REPLAY], "wallets.transfer("),
    WalletsMutant(LogsAFee, [_ONE_ROW], "it added 2"),
    WalletsMutant(PaysTheWrongUser, [_REPLAY], "wallets.transfer leaves bob with balance 0"),
    WalletsMutant(DepositsNothing, [_REPLAY], "wallets.deposit leaves alice with balance"),
    WalletsMutant(CutsFractions, [_REJECTIONS], "1.5 is fractional"),
    WalletsMutant(AcceptsNegative, [_REJECTIONS], "-1 is not positive"),
    WalletsMutant(AcceptsZero, [_REJECTIONS], "0 is not positive"),
    WalletsMutant(MintsOnSelfTransfer, [_REJECTIONS], "it is a transfer to the same user"),
    WalletsMutant(MintsOnSelfTransfer, [_CONSERVATION], "to_user=alice, amount="),
    WalletsMutant(AcceptsSelfTransfer, [_REJECTIONS], "it is a transfer to the same user"),
    WalletsMutant(ClampsBalance, [_OVERFLOW], "leaves bob with balance 9223372036854775807"),
    WalletsMutant(WrapsAmounts, [_OVERFLOW], "is above BIGINT's 2^63−1"),
    WalletsMutant(Int32Amounts, [_OVERFLOW], "leaves bob with balance"),
    WalletsMutant(Int32Amounts, [_ONE_ROW], "amount is 1, and should be 4294967297"),
    WalletsMutant(FloatAmounts, [_OVERFLOW], "leaves bob with balance"),
    WalletsMutant(ClampsDeposits, [_REJECTIONS], "the bank holds"),
    WalletsMutant(OverfillsBank, [_CAPACITY, _REJECTIONS], "at most"),
    WalletsMutant(OffByOneInBank, [_CAPACITY], "at most its bank_capacity, 10000"),
    WalletsMutant(CreditsLowerSpent, [_TOTALS], "total_spent of"),
    WalletsMutant(ForgetsSpent, [_TOTALS], "total_earned − total_spent"),
    WalletsMutant(RefusalOpensWallet, [_REJECTIONS], "in user_wallets appeared"),
    WalletsMutant(RefusalTouchesWallet, [_REJECTIONS], "in user_wallets changed"),
    WalletsMutant(RefusalIsAudited, [_REJECTIONS], "rows of audit_log changed"),
    WalletsMutant(RefusesByFault, [_REJECTIONS], "a fault: "),
    WalletsMutant(KeepsTheLastCoin, [_REJECTIONS], "is accepted: nothing speaks against it"),
    WalletsMutant(GoesIntoDebt, ["economy.never-negative"], "≥ 0\nActual:   balance -", _NO_CHECKS),
    WalletsMutant(ReadsThenWrites, [_LOST], "which is what the accepted operations add up to"),
    WalletsMutant(ReadsThenWrites, [_ORDER], "no order does"),
    WalletsMutant(ChecksCapacityTooEarly, [_ORDER], "was accepted, but the bank holds"),
    WalletsMutant(RefusesWhenBusy, [_ORDER], "was rejected, but nothing speaks against it"),
    WalletsMutant(LocksSenderFirst, ["economy.no-deadlock"], "DeadlockDetected"),
    WalletsMutant(
        TwoTransactions, ["economy.atomic-under-faults"], "happened wholly or not at all"
    ),
    WalletsMutant(UnlockedAfterALoss, ["economy.atomic-under-faults"], "no order does"),
)


def __getattr__(name: str) -> Any:
    """The driver of each mutant, by its name: what chopsticks.toml would call it."""
    kind = globals().get(name.removesuffix("Driver"))
    if name.endswith("Driver") and isinstance(kind, type) and issubclass(kind, Wallets):
        return driver_of(kind)
    raise AttributeError(name)
