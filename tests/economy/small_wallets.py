"""A small correct implementation of the wallets, cut so that a broken one overrides one method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pytest_chopsticks.errors import Rejected

BIGINT_MAX = 2**63 - 1
NOW = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

Row = dict[str, Any]


class Wallets:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def credit(self, user_id: str, amount: int, reason: str) -> None:
        amount = self.checked(amount)
        with self.transaction():
            self.receive(self.locked(user_id), user_id, amount)
            self.log(None, user_id, amount, reason)

    def debit(self, user_id: str, amount: int, reason: str) -> None:
        amount = self.checked(amount)
        with self.transaction():
            self.pay(self.locked(user_id), user_id, amount)
            self.log(user_id, None, amount, reason)

    def transfer(self, from_user: str, to_user: str, amount: int, reason: str) -> None:
        amount = self.checked(amount)
        self.refuse_same(from_user, to_user)
        with self.transaction():
            wallets = self.locked(from_user, to_user)
            self.pay(wallets, from_user, amount)
            self.receive(wallets, to_user, amount)
            self.log(from_user, to_user, amount, reason)

    def deposit(self, user_id: str, amount: int) -> None:
        amount = self.checked(amount)
        with self.transaction():
            wallet = self.held(self.locked(user_id), user_id, "balance", amount)
            amount = self.fitting(wallet, amount)
            self.change(user_id, balance=-amount, bank=amount)

    def withdraw(self, user_id: str, amount: int) -> None:
        amount = self.checked(amount)
        with self.transaction():
            self.held(self.locked(user_id), user_id, "bank", amount)
            self.change(user_id, balance=amount, bank=-amount)

    def checked(self, amount: int) -> int:
        if not isinstance(amount, int) or amount <= 0:
            raise Rejected("invalid_amount")
        if amount > BIGINT_MAX:
            raise Rejected("overflow")
        return amount

    def refuse_same(self, from_user: str, to_user: str) -> None:
        if from_user == to_user:
            raise Rejected("same_user")

    def fitting(self, wallet: Row, amount: int) -> int:
        if wallet["bank"] + amount > wallet["bank_capacity"]:
            raise Rejected("over_capacity")
        return amount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.connection.transaction():
            yield

    def locked(self, *users: str) -> Mapping[str, Row]:
        query = "SELECT * FROM user_wallets WHERE user_id = ANY (%s) ORDER BY user_id FOR UPDATE"
        return self.rows(query, list(users))

    def rows(self, query: str, users: list[str]) -> dict[str, Row]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(query.encode(), [users]).fetchall()
        return {row["user_id"]: row for row in found}

    def pay(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        self.held(wallets, user, "balance", amount)
        self.change(user, balance=-amount, spent=amount)

    def receive(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        if wallets.get(user, {"balance": 0})["balance"] + amount > BIGINT_MAX:
            raise Rejected("overflow")
        self.change(user, balance=amount, earned=amount)

    def held(self, wallets: Mapping[str, Row], user: str, column: str, amount: int) -> Row:
        wallet = wallets.get(user)
        if wallet is None or wallet[column] < amount:
            raise Rejected("insufficient_funds")
        return wallet

    def change(
        self, user: str, *, balance: int = 0, bank: int = 0, earned: int = 0, spent: int = 0
    ) -> None:
        changed = self.connection.execute(
            "UPDATE user_wallets SET balance = balance + %s::bigint, bank = bank + %s::bigint,"
            " total_earned = total_earned + %s::bigint, total_spent = total_spent + %s::bigint,"
            f" updated_at = {NOW} WHERE user_id = %s",
            [balance, bank, earned, spent, user],
        )
        if not changed.rowcount:
            self.open(user, balance, earned)

    def open(self, user: str, balance: int, earned: int) -> None:
        self.connection.execute(
            "INSERT INTO user_wallets AS w (user_id, balance, total_earned, created_at, updated_at)"
            f" VALUES (%s, %s, %s, {NOW}, {NOW}) ON CONFLICT (user_id) DO UPDATE SET"
            " balance = w.balance + excluded.balance,"
            " total_earned = w.total_earned + excluded.total_earned",
            [user, balance, earned],
        )

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        self.connection.execute(
            "INSERT INTO transaction_log (from_user, to_user, amount, reason, timestamp)"
            f" VALUES (%s, %s, %s, %s, {NOW})",
            [sender, receiver, amount, reason],
        )
