"""The invariants among a few users, from the rows that were read of them: no further round trip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from pytest_chopsticks.economy.findings import (
    CONSERVATION,
    NEVER_NEGATIVE,
    REPLAY,
    TOTALS,
    WITHIN_CAPACITY,
    Finding,
    broken_invariant,
)
from pytest_chopsticks.economy.observation import LogRow, Observation

#: Offenders told per invariant; a broken database may have a million.
MOST_TOLD = 5


def invariants_broken_in(observed: Observation, insiders: Collection[str]) -> tuple[Finding, ...]:
    """Return what does not hold; who is no insider stands for the world outside."""
    return tuple(_broken(observed, _flows(observed.log, insiders)))


def _flows(log: Iterable[LogRow], insiders: Collection[str]) -> Counter[str]:
    """What the log brought everyone."""
    flows = Counter[str]()
    for row in log:
        if row.to_user is not None and row.to_user in insiders:
            flows[row.to_user] += row.amount
        if row.from_user is not None and row.from_user in insiders:
            flows[row.from_user] -= row.amount
    return flows


def _broken(observed: Observation, flows: Counter[str]) -> Iterator[Finding]:
    wallets = [observed.wallets[user] for user in sorted(observed.wallets)]
    held = Counter({wallet.user_id: wallet.balance + wallet.bank for wallet in wallets})
    money, logged = held.total(), flows.total()
    if money != logged:
        yield broken_invariant(CONSERVATION, None, money, logged)
    unexplained = (user for user in sorted({*held, *flows}) if held[user] != flows[user])
    for user in islice(unexplained, MOST_TOLD):
        yield broken_invariant(REPLAY, user, held[user], flows[user])
    for wallet in islice((one for one in wallets if min(one.balance, one.bank) < 0), MOST_TOLD):
        yield broken_invariant(NEVER_NEGATIVE, wallet.user_id, wallet.balance, wallet.bank)
    for wallet in islice((one for one in wallets if one.bank > one.bank_capacity), MOST_TOLD):
        yield broken_invariant(WITHIN_CAPACITY, wallet.user_id, wallet.bank, wallet.bank_capacity)
    earned_less_spent = sum(one.total_earned - one.total_spent for one in wallets)
    if earned_less_spent != money:
        yield broken_invariant(TOTALS, None, earned_less_spent, money)
