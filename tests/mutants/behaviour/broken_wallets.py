"""Wallets that are wrong in one way each, whoever else is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from psycopg.pq import TransactionStatus

from pytest_chopsticks.errors import Rejected
from tests.economy.small_wallets import BIGINT_MAX, Row, Wallets


class LeavesItsTransactionOpen(Wallets):
    """What was begun before a refusal is left as it is until the next operation."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.connection.info.transaction_status is not TransactionStatus.IDLE:
            self.connection.execute("ROLLBACK")
        self.connection.execute("BEGIN")
        yield
        self.connection.execute("COMMIT")


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


class LooksAtEachDepositAlone(Wallets):
    """Each deposit may be as large as the capacity, whatever is in the bank."""

    def fitting(self, wallet: Row, amount: int) -> int:
        if amount > wallet["bank_capacity"]:
            raise Rejected("over_capacity")
        return amount


class EarnsByWithdrawing(Wallets):
    """What comes back from the bank counts as earned."""

    def withdraw(self, user_id: str, amount: int) -> None:
        amount = self.checked(amount)
        with self.transaction():
            self.held(self.locked(user_id), user_id, "bank", amount)
            self.change(user_id, balance=amount, bank=-amount, earned=amount)


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


class WithdrawsFromTheBalance(Wallets):
    """A withdrawal looks whether the balance has it, not the bank; the schema has no checks."""

    def withdraw(self, user_id: str, amount: int) -> None:
        amount = self.checked(amount)
        with self.transaction():
            self.held(self.locked(user_id), user_id, "balance", amount)
            self.change(user_id, balance=amount, bank=-amount)


class HasAnOverdraft(Wallets):
    """Everybody may owe 10; the schema has no checks."""

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        return super().held(wallets, user, column, max(amount - 10, 0))


class SpendsTheBank(Wallets):
    """What the balance lacks is taken from the bank."""

    def pay(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        wallet = wallets.get(user, {"balance": 0, "bank": 0})
        lacking = max(amount - wallet["balance"], 0)
        if not 0 < lacking <= wallet["bank"]:
            super().pay(wallets, user, amount)
            return
        self.change(user, balance=lacking, bank=-lacking)
        self.change(user, balance=-amount, spent=amount)
