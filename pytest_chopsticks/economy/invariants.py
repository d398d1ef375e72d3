"""The invariants that every state of the economy keeps, in a whole database and among a few users.

They hold for any set of users that trade only with each other and with the outside: where a row of
the log names nobody, or nobody of the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from psycopg import sql

from pytest_chopsticks.economy.findings import (
    CONSERVATION,
    NEVER_NEGATIVE,
    REPLAY,
    TOTALS,
    WITHIN_CAPACITY,
    Finding,
    broken_invariant,
)
from pytest_chopsticks.economy.invariants_of_users import MOST_TOLD, invariants_broken_in
from pytest_chopsticks.economy.observation import Connection, Observer

_QUERY = """
WITH wallets AS MATERIALIZED (
    SELECT * FROM user_wallets
), flows AS MATERIALIZED (
    SELECT user_id, sum(change) AS net
    FROM transaction_log,
         LATERAL (VALUES (to_user, amount::numeric), (from_user, -amount::numeric))
                 AS movement (user_id, change)
    WHERE user_id IS NOT NULL AND user_id <> ALL (%(outside)s)
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
    if users is not None:
        observed = Observer(connection, elsewhere=False).observe(users)
        return invariants_broken_in(observed, set(users) - set(outside))
    rows = connection.execute(_query(), {"outside": list(outside)}).fetchall()
    return tuple(
        broken_invariant(name, user, int(seen), int(other)) for name, user, seen, other in rows
    )


@cache
def _query() -> bytes:
    return (
        sql.SQL(_QUERY)
        .format(
            told=sql.Literal(MOST_TOLD),
            conservation=sql.Literal(CONSERVATION),
            replay=sql.Literal(REPLAY),
            never_negative=sql.Literal(NEVER_NEGATIVE),
            within_capacity=sql.Literal(WITHIN_CAPACITY),
            totals=sql.Literal(TOTALS),
        )
        .as_bytes()
    )
