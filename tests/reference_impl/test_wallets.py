"""Money: every movement in the log, every invariant in the wallets."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from pytest_chopsticks.databases import Database
from reference_impl import Implementation
from reference_impl.wallets import Wallets

from .concurrency import answers, locked, terminate_who_waits
from .conftest import Observer
from .rejected import rejected

MAX = 2**63 - 1
ALICE, BOB = "175928847299117063", "275928847299117063"

WALLETS = (
    "SELECT user_id, balance, bank, total_earned, total_spent FROM user_wallets ORDER BY user_id"
)
LOG = "SELECT from_user, to_user, amount, reason FROM transaction_log ORDER BY id"


@pytest.fixture
def wallets(implementation: Implementation) -> Wallets:
    return implementation.wallets


def expect_invariants(observer: Observer) -> None:
    """Conservation, totals, and the log replayed wallet by wallet in the order of its ids."""
    replayed: dict[str, int] = {}
    for from_user, to_user, amount, _ in observer.rows(LOG):
        if from_user:
            replayed[from_user] = replayed.get(from_user, 0) - amount
            assert replayed[from_user] >= 0
        if to_user:
            replayed[to_user] = replayed.get(to_user, 0) + amount
    for user_id, balance, bank, earned, spent in observer.rows(WALLETS):
        assert balance + bank == earned - spent == replayed[user_id]


def test_a_credit_creates_the_wallet_and_one_row(wallets: Wallets, observer: Observer) -> None:
    before = int(time.time() * 1000)

    wallets.credit(user_id=ALICE, amount=10, reason="daily")

    assert observer.rows(WALLETS) == [(ALICE, 10, 0, 10, 0)]
    assert observer.rows(LOG) == [(None, ALICE, 10, "daily")]
    timestamp, created_at, updated_at = observer.row(
        "SELECT timestamp, created_at, updated_at FROM transaction_log, user_wallets"
    )
    assert before <= created_at <= updated_at <= timestamp <= time.time() * 1000


def test_a_debit_spends(wallets: Wallets, observer: Observer) -> None:
    wallets.credit(user_id=ALICE, amount=10, reason="daily")

    wallets.debit(user_id=ALICE, amount=4, reason="shop")

    assert observer.rows(WALLETS) == [(ALICE, 6, 0, 10, 4)]
    assert observer.rows(LOG)[1:] == [(ALICE, None, 4, "shop")]


def test_a_transfer_is_spent_by_one_and_earned_by_the_other(
    wallets: Wallets, observer: Observer
) -> None:
    wallets.credit(user_id=ALICE, amount=10, reason="daily")

    wallets.transfer(from_user=ALICE, to_user=BOB, amount=4, reason="gift")

    assert observer.rows(WALLETS) == [(ALICE, 6, 0, 10, 4), (BOB, 4, 0, 4, 0)]
    assert observer.rows(LOG)[1:] == [(ALICE, BOB, 4, "gift")]
    expect_invariants(observer)


def test_deposits_and_withdrawals_stay_within_the_wallet(
    wallets: Wallets, observer: Observer
) -> None:
    wallets.credit(user_id=ALICE, amount=10_001, reason="daily")

    wallets.deposit(user_id=ALICE, amount=10_000)
    wallets.withdraw(user_id=ALICE, amount=1)

    assert observer.rows(WALLETS) == [(ALICE, 2, 9_999, 10_001, 0)]
    assert len(observer.rows(LOG)) == 1


OPERATIONS: dict[str, Callable[[Wallets, object], None]] = {
    "credit": lambda w, amount: w.credit(user_id=ALICE, amount=amount, reason="r"),  # type: ignore[arg-type]
    "debit": lambda w, amount: w.debit(user_id=ALICE, amount=amount, reason="r"),  # type: ignore[arg-type]
    "transfer": lambda w, amount: w.transfer(
        from_user=ALICE,
        to_user=BOB,
        amount=amount,  # type: ignore[arg-type]
        reason="r",
    ),
    "deposit": lambda w, amount: w.deposit(user_id=ALICE, amount=amount),  # type: ignore[arg-type]
    "withdraw": lambda w, amount: w.withdraw(user_id=ALICE, amount=amount),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("amount", [0, -1, 1.0, 0.5, "1", True, None, MAX + 1, -MAX - 1])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_amount_is_a_whole_number_from_one(
    wallets: Wallets, observer: Observer, operation: str, amount: object
) -> None:
    with rejected("invalid_amount"):
        OPERATIONS[operation](wallets, amount)

    assert observer.rows(WALLETS) == observer.rows(LOG) == []


REFUSED: dict[str, tuple[Callable[[Wallets], None], str]] = {
    "debit of more": (lambda w: w.debit(ALICE, 101, "r"), "insufficient_funds"),
    "debit of an unknown user": (lambda w: w.debit(BOB, 1, "r"), "insufficient_funds"),
    "transfer of more": (lambda w: w.transfer(ALICE, BOB, 101, "r"), "insufficient_funds"),
    "transfer from an unknown user": (
        lambda w: w.transfer(BOB, ALICE, 1, "r"),
        "insufficient_funds",
    ),
    "transfer to the same user": (lambda w: w.transfer(ALICE, ALICE, 1, "r"), "same_user"),
    "deposit of more": (lambda w: w.deposit(ALICE, 101), "insufficient_funds"),
    "deposit of an unknown user": (lambda w: w.deposit(BOB, 1), "insufficient_funds"),
    "deposit over the capacity": (lambda w: w.deposit(ALICE, 11), "over_capacity"),
    "withdrawal of more": (lambda w: w.withdraw(ALICE, 1), "insufficient_funds"),
    "credit over BIGINT": (lambda w: w.credit(ALICE, MAX, "r"), "overflow"),
    "a NUL in the user": (lambda w: w.credit("\0", 1, "r"), "invalid_text"),
    "a NUL in the reason": (lambda w: w.credit(ALICE, 1, "a\0b"), "invalid_text"),
    "half a surrogate pair": (lambda w: w.credit(ALICE, 1, "\ud800"), "invalid_text"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_rejection_leaves_no_trace(wallets: Wallets, observer: Observer, case: str) -> None:
    operation, rejection = REFUSED[case]
    wallets.credit(user_id=ALICE, amount=100, reason="daily")
    observer.execute("UPDATE user_wallets SET bank_capacity = 10")
    before = observer.rows("SELECT xmin::text, * FROM user_wallets"), observer.rows(LOG)

    with rejected(rejection):
        operation(wallets)

    assert before == (observer.rows("SELECT xmin::text, * FROM user_wallets"), observer.rows(LOG))


def test_a_balance_can_reach_the_end_of_bigint(wallets: Wallets, observer: Observer) -> None:
    wallets.credit(user_id=ALICE, amount=MAX, reason="daily")
    wallets.transfer(from_user=ALICE, to_user=BOB, amount=MAX, reason="gift")

    assert observer.rows(WALLETS) == [(ALICE, 0, 0, MAX, MAX), (BOB, MAX, 0, MAX, 0)]


def test_a_total_that_would_overflow_is_refused(wallets: Wallets, observer: Observer) -> None:
    wallets.credit(user_id=ALICE, amount=MAX, reason="daily")
    wallets.debit(user_id=ALICE, amount=MAX, reason="shop")

    with rejected("overflow"):
        wallets.credit(user_id=ALICE, amount=1, reason="daily")

    assert observer.rows(WALLETS) == [(ALICE, 0, 0, MAX, MAX)]


def test_nothing_is_spent_twice(wallets: Wallets, observer: Observer) -> None:
    wallets.credit(user_id=ALICE, amount=10, reason="daily")

    answered = answers([partial(wallets.debit, ALICE, 1, "shop")] * 40)

    assert answered.count(None) == 10
    assert answered.count("insufficient_funds") == 30
    assert observer.rows(WALLETS) == [(ALICE, 0, 0, 10, 10)]


def test_a_wallet_appears_once_under_concurrent_first_credits(
    wallets: Wallets, observer: Observer
) -> None:
    answers([partial(wallets.credit, ALICE, 1, "daily")] * 40)

    assert observer.rows(WALLETS) == [(ALICE, 40, 0, 40, 0)]


def test_concurrent_operations_on_few_wallets_keep_every_invariant(
    wallets: Wallets, observer: Observer
) -> None:
    """Transfers in all directions, also to wallets that do not exist yet, and no deadlock."""
    choose = random.Random(7)
    users = ["1", "2", "3", "4"]
    wallets.credit(user_id="2", amount=50, reason="start")
    calls: list[Callable[[], None]] = []
    for _ in range(400):
        one, other = choose.sample(users, 2)
        amount = choose.randint(1, 20)
        calls.append(
            choose.choice(
                [
                    partial(wallets.transfer, one, other, amount, "gift"),
                    partial(wallets.credit, one, amount, "daily"),
                    partial(wallets.debit, one, amount, "shop"),
                    partial(wallets.deposit, one, amount),
                    partial(wallets.withdraw, one, amount),
                ]
            )
        )

    answered = answers(calls)

    assert set(answered) <= {None, "insufficient_funds"}
    expect_invariants(observer)


def test_a_backend_killed_in_the_middle_leaves_nothing_and_the_next_operation_works(
    wallets: Wallets, observer: Observer, migrated_database: Database
) -> None:
    wallets.credit(user_id=ALICE, amount=10, reason="daily")

    with ThreadPoolExecutor(1) as executor, locked(migrated_database.dsn, "transaction_log"):
        transfer = executor.submit(wallets.transfer, ALICE, BOB, 4, "gift")
        terminate_who_waits(migrated_database.dsn)
        with pytest.raises(psycopg.OperationalError):
            transfer.result()

    assert observer.rows(WALLETS) == [(ALICE, 10, 0, 10, 0)]
    wallets.transfer(ALICE, BOB, 4, "gift")
    expect_invariants(observer)


def test_a_session_that_the_server_ended_meanwhile_fails_no_operation(
    wallets: Wallets, observer: Observer
) -> None:
    wallets.credit(user_id=ALICE, amount=10, reason="daily")
    observer.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    wallets.credit(user_id=ALICE, amount=10, reason="daily")

    assert observer.rows(WALLETS) == [(ALICE, 20, 0, 20, 0)]
