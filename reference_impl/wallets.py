"""Money: wallets, and the log of every movement.

- A credit adds to the balance and to `total_earned`, a debit takes from the balance and adds to
  `total_spent`; a transfer is both, a debit of the sender and a credit of the receiver. So in each
  wallet, and over all of them, earned - spent = balance + bank.
- Each of these three writes one row of `transaction_log`, without `from_user` for a credit and
  without `to_user` for a debit. Deposits and withdrawals move money within a wallet: no row.
- Rows are locked in the order of user ids, so that opposite transfers cannot wait for each other.
  The log is written while they are locked: the order of its ids replays every wallet.
- Python's integers never wrap, so sums are made here and refused before BIGINT could overflow.
"""

from dataclasses import dataclass, replace

from .arguments import MAX_BIGINT, check_amount, check_text
from .clock import now_ms
from .database import Area, Connection
from .rejections import Rejection

_CREATE = """
INSERT INTO user_wallets (user_id, created_at, updated_at) VALUES (%(user_id)s, %(now)s, %(now)s)
ON CONFLICT (user_id) DO NOTHING
"""
_LOCK = """
SELECT user_id, balance, bank, bank_capacity, total_earned, total_spent
FROM user_wallets WHERE user_id = ANY(%s) ORDER BY user_id FOR UPDATE
"""
_STORE = """
UPDATE user_wallets
SET balance = %s, bank = %s, total_earned = %s, total_spent = %s,
    updated_at = GREATEST(created_at, %s)
WHERE user_id = %s
"""
_LOG = """
INSERT INTO transaction_log (from_user, to_user, amount, reason, timestamp)
VALUES (%s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet, and what becomes of it; each method returns the wallet afterwards or refuses."""

    user_id: str
    balance: int = 0
    bank: int = 0
    bank_capacity: int = 0
    total_earned: int = 0
    total_spent: int = 0

    def credited(self, amount: int) -> "Wallet":
        return replace(
            self,
            balance=self._sum("balance", self.balance, amount),
            total_earned=self._sum("total_earned", self.total_earned, amount),
        )

    def debited(self, amount: int) -> "Wallet":
        return replace(
            self,
            balance=self._rest(self.balance, amount),
            total_spent=self._sum("total_spent", self.total_spent, amount),
        )

    def deposited(self, amount: int) -> "Wallet":
        balance = self._rest(self.balance, amount)
        if self.bank + amount > self.bank_capacity:
            raise Rejection(
                "over_capacity",
                f"{self.bank} of {self.bank_capacity} are in the bank of user {self.user_id}",
            )
        return replace(self, balance=balance, bank=self.bank + amount)

    def withdrawn(self, amount: int) -> "Wallet":
        bank = self._rest(self.bank, amount)
        return replace(self, balance=self._sum("balance", self.balance, amount), bank=bank)

    def _rest(self, available: int, amount: int) -> int:
        if available < amount:
            raise Rejection(
                "insufficient_funds", f"user {self.user_id} has {available}, less than {amount}"
            )
        return available - amount

    def _sum(self, column: str, value: int, amount: int) -> int:
        if value + amount > MAX_BIGINT:
            raise Rejection("overflow", f"{column} of user {self.user_id} would exceed 2^63-1")
        return value + amount


class Wallets(Area):
    def credit(self, user_id: str, amount: int, reason: str) -> None:
        """Rejections: invalid_amount, overflow."""
        check_text(user_id=user_id, reason=reason)
        check_amount(amount)
        self._move(None, user_id, amount, reason)

    def debit(self, user_id: str, amount: int, reason: str) -> None:
        """Rejections: invalid_amount, insufficient_funds, overflow."""
        check_text(user_id=user_id, reason=reason)
        check_amount(amount)
        self._move(user_id, None, amount, reason)

    def transfer(self, from_user: str, to_user: str, amount: int, reason: str) -> None:
        """Rejections: invalid_amount, insufficient_funds, same_user, overflow."""
        check_text(from_user=from_user, to_user=to_user, reason=reason)
        check_amount(amount)
        if from_user == to_user:
            raise Rejection("same_user", f"user {from_user} cannot transfer to the same wallet")
        self._move(from_user, to_user, amount, reason)

    def deposit(self, user_id: str, amount: int) -> None:
        """From the balance to the bank.

        Rejections: invalid_amount, insufficient_funds, over_capacity.
        """
        check_text(user_id=user_id)
        check_amount(amount)
        with self._connections.transaction() as connection:
            wallet = _lock(connection, user_id)[user_id]
            _store(connection, wallet.deposited(amount))

    def withdraw(self, user_id: str, amount: int) -> None:
        """From the bank to the balance.

        Rejections: invalid_amount, insufficient_funds; overflow, where what the wallet holds was
        not earned through these operations.
        """
        check_text(user_id=user_id)
        check_amount(amount)
        with self._connections.transaction() as connection:
            wallet = _lock(connection, user_id)[user_id]
            _store(connection, wallet.withdrawn(amount))

    def _move(self, from_user: str | None, to_user: str | None, amount: int, reason: str) -> None:
        """From one wallet to the other; without the one it is earned, without the other spent."""
        users = [user for user in (from_user, to_user) if user is not None]
        with self._connections.transaction() as connection:
            if to_user is not None:
                # Before any lock is held: nobody can wait for this row while it waits for theirs.
                connection.execute(_CREATE, {"user_id": to_user, "now": now_ms()})
            wallets = _lock(connection, *users)
            if from_user is not None:
                _store(connection, wallets[from_user].debited(amount))
            if to_user is not None:
                _store(connection, wallets[to_user].credited(amount))
            connection.execute(_LOG, [from_user, to_user, amount, reason, now_ms()])


def _lock(connection: Connection, *user_ids: str) -> dict[str, Wallet]:
    """The wallets by user, locked to the end of the transaction; a missing one is empty."""
    found = (Wallet(*row) for row in connection.execute(_LOCK, [list(user_ids)]))
    return {user_id: Wallet(user_id) for user_id in user_ids} | {w.user_id: w for w in found}


def _store(connection: Connection, wallet: Wallet) -> None:
    row = [wallet.balance, wallet.bank, wallet.total_earned, wallet.total_spent]
    connection.execute(_STORE, [*row, now_ms(), wallet.user_id])
