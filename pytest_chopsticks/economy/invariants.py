"""The invariants that every state of the economy keeps, found broken by one set-based query.

They hold for the whole database, and for any set of users that trade only with each other and
with the outside: where a row of the log names nobody, or nobody of the set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from psycopg import sql

from pytest_chopsticks.economy.findings import (
    CONSERVATION,
    NEVER_NEGATIVE,
    REPLAY,
    TOTALS,
    WITHIN_CAPACITY,
    Finding,
)
from pytest_chopsticks.economy.observation import Connection

#: Offenders told per invariant; a broken database may have a million.
_TOLD = 5

_QUERY = """
WITH wallets AS MATERIALIZED (
    SELECT * FROM user_wallets {of_wallets}
), flows AS MATERIALIZED (
    SELECT user_id, sum(change) AS net
    FROM transaction_log,
         LATERAL (VALUES (to_user, amount::numeric), (from_user, -amount::numeric))
                 AS movement (user_id, change)
    {of_log}
    GROUP BY user_id
), held AS (
    SELECT coalesce(sum(balance::numeric + bank), 0) AS money,
           coalesce(sum(total_earned::numeric - total_spent), 0) AS earned_less_spent
    FROM wallets
)
SELECT {conservation}, NULL, money, logged FROM held,
       (SELECT coalesce(sum(net), 0) AS logged FROM flows) log WHERE money <> logged
UNION ALL
(SELECT {replay}, user_id, coalesce(balance::numeric + bank, 0), coalesce(net, 0)
 FROM wallets FULL JOIN flows USING (user_id)
 WHERE coalesce(balance::numeric + bank, 0) <> coalesce(net, 0)
 ORDER BY user_id LIMIT {told})
UNION ALL
(SELECT {never_negative}, user_id, balance, bank FROM wallets
 WHERE balance < 0 OR bank < 0 ORDER BY user_id LIMIT {told})
UNION ALL
(SELECT {within_capacity}, user_id, bank, bank_capacity FROM wallets
 WHERE bank > bank_capacity ORDER BY user_id LIMIT {told})
UNION ALL
SELECT {totals}, NULL, earned_less_spent, money FROM held WHERE earned_less_spent <> money
"""


def broken_invariants(
    connection: Connection,
    users: Sequence[str] | None = None,
    *,
    outside: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Return what does not hold for `users`, or for the whole database.

    Conservation, replay, never negative, bank within capacity, totals; at most five users are
    told for each. `outside` are names in the log that stand for the world outside, as NULL does;
    for the whole database, every other name is expected to have a wallet. A million wallets and
    ten million rows of the log take seconds to a minute, all of it inside the server.
    """
    scope = {"users": None if users is None else list(users), "outside": list(outside)}
    rows = connection.execute(_query(whole=users is None), scope).fetchall()
    return tuple(_finding(*row) for row in rows)


@cache
def _query(*, whole: bool) -> bytes:
    # Two texts, not one with a condition on the parameter, which no index could serve.
    of_wallets = "" if whole else "WHERE user_id = ANY (%(users)s)"
    of_log = (
        "WHERE user_id IS NOT NULL AND user_id <> ALL (%(outside)s)"
        if whole
        else """WHERE (from_user = ANY (%(users)s) OR to_user = ANY (%(users)s))
                  AND user_id = ANY (%(users)s) AND user_id <> ALL (%(outside)s)"""
    )
    return (
        sql.SQL(_QUERY)
        .format(
            of_wallets=sql.SQL(of_wallets),
            of_log=sql.SQL(of_log),
            told=sql.Literal(_TOLD),
            conservation=sql.Literal(CONSERVATION),
            replay=sql.Literal(REPLAY),
            never_negative=sql.Literal(NEVER_NEGATIVE),
            within_capacity=sql.Literal(WITHIN_CAPACITY),
            totals=sql.Literal(TOTALS),
        )
        .as_bytes()
    )


def _finding(invariant: str, user: str | None, seen: Any, other: Any) -> Finding:
    expected, actual = _PROSE[invariant](user, int(seen), int(other))
    return Finding(invariant, expected, actual)


def _conservation(_: str | None, held: int, logged: int) -> tuple[str, str]:
    return (
        f"all wallets together hold {logged}: the log's credits minus its debits",
        f"balance + bank over all wallets is {held}",
    )


def _replay(user: str | None, held: int, logged: int) -> tuple[str, str]:
    return (
        f"replaying transaction_log gives the balance + bank of {user}",
        f"replayed it is {logged}, in user_wallets it is {held}",
    )


def _never_negative(user: str | None, balance: int, bank: int) -> tuple[str, str]:
    return f"balance and bank of {user} ≥ 0", f"balance {balance}, bank {bank}"


def _within_capacity(user: str | None, bank: int, capacity: int) -> tuple[str, str]:
    return f"the bank of {user} holds at most its bank_capacity, {capacity}", f"it holds {bank}"


def _totals(_: str | None, totals: int, held: int) -> tuple[str, str]:
    return (
        f"over all wallets, total_earned − total_spent = balance + bank, {held}",
        f"total_earned − total_spent is {totals}",
    )


_PROSE: Mapping[str, Callable[[str | None, int, int], tuple[str, str]]] = {
    CONSERVATION: _conservation,
    REPLAY: _replay,
    NEVER_NEGATIVE: _never_negative,
    WITHIN_CAPACITY: _within_capacity,
    TOTALS: _totals,
}
