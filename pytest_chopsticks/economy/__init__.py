"""Property-tests for money: any code that keeps `user_wallets` and `transaction_log`.

Quick start, for your own code on your own database:

    from pytest_chopsticks.economy import run_economy

    class Wallets:
        def credit(self, user_id, amount, reason): bank.give(user_id, amount, reason)
        def transfer(self, from_user, to_user, amount, reason):
            bank.move(from_user, to_user, amount, reason)

    def test_money_is_never_made_or_lost(chopsticks_db):
        with chopsticks_db.connect(autocommit=True) as connection:
            run_economy(Wallets(), connection, refusals=(bank.Refused,))

A failure is told as the shortest story that shows it. `settings=hypothesis.settings(…)` makes the
search longer or shorter, `seed=…` makes it another one, `judged=…` narrows what is judged.
`broken_invariants(connection)` looks at a whole database as it is.
"""

from pytest_chopsticks.economy.calls import OPERATIONS, Answer, Call, Faulted
from pytest_chopsticks.economy.findings import INVARIANTS, Finding, InvariantBroken
from pytest_chopsticks.economy.invariants import broken_invariants
from pytest_chopsticks.economy.machine import EconomyMachine, economy_machine
from pytest_chopsticks.economy.running import DEFAULT_SETTINGS, run_economy
from pytest_chopsticks.economy.trial import Trial

__all__ = [
    "DEFAULT_SETTINGS",
    "INVARIANTS",
    "OPERATIONS",
    "Answer",
    "Call",
    "EconomyMachine",
    "Faulted",
    "Finding",
    "InvariantBroken",
    "Trial",
    "broken_invariants",
    "economy_machine",
    "run_economy",
]
