"""Times in another unit, of another moment, or in another order."""

from __future__ import annotations

from .reference_variant import mutant

_CLOCK = "clock.py"
_NOW = "return time.time_ns() // 1_000_000"
_WALLETS = "wallets.py"
_INVENTORY, _IMPORT = "inventory.py", "from .clock import now_ms"

#: One column that is in microseconds: where it is written, the text there and the one instead.
_IN_MICROSECONDS = (
    (
        "agent_bots.updated_at after agents.set_status",
        ("agents.py", "[status, now_ms(), agent_id]", "[status, now_ms() * 1000, agent_id]"),
    ),
    (
        "agent_bots.updated_at after agents.rotate_key",
        (
            "agents.py",
            "    now = now_ms()\n    sealed = []",
            "    now = now_ms() * 1000\n    sealed = []",
        ),
    ),
    (
        "agent_runners.last_seen after runners.heartbeat",
        ("runners.py", "row = [runner_id, at_ms,", "row = [runner_id, at_ms * 1000,"),
    ),
    (
        "user_wallets.updated_at after wallets.credit",
        (
            "wallets.py",
            "[*row, now_ms(), wallet.user_id]",
            "[*row, now_ms() * 1000, wallet.user_id]",
        ),
    ),
    (
        "transaction_log.timestamp after wallets.credit",
        ("wallets.py", "amount, reason, now_ms()]", "amount, reason, now_ms() * 1000]"),
    ),
    (
        "user_inventory.acquired_at after inventory.add",
        ("inventory.py", "quantity, now_ms()]", "quantity, now_ms() * 1000]"),
    ),
    (
        "user_streaks.last_daily after streaks.claim",
        ("streaks.py", "row = [at_ms,", "row = [at_ms * 1000,"),
    ),
)

MUTANTS = (
    mutant(
        "time.milliseconds",
        "seconds",
        (_CLOCK, _NOW, "return time.time_ns() // 10**9"),
        says=("created_at", "those are seconds"),
    ),
    mutant(
        "time.milliseconds",
        "microseconds",
        (_CLOCK, _NOW, "return time.time_ns() // 1_000"),
        says="those are microseconds",
    ),
    mutant(
        "time.milliseconds",
        "local time",
        (_CLOCK, _NOW, "return time.time_ns() // 1_000_000 + 7_200_000"),
        says="near",
    ),
    mutant(
        "time.milliseconds",
        "updated_at is left at zero",
        (
            "agents.py",
            "row = [agent_id, sealed, client_id, tag, stored_profile, now, now]",
            "row = [agent_id, sealed, client_id, tag, stored_profile, now, now - 1]",
        ),
        says="updated_at is not before created_at",
    ),
    mutant(
        "time.milliseconds",
        "the time of the start",
        (_CLOCK, "def now_ms", "_START = time.time_ns() // 1_000_000\n\n\ndef now_ms"),
        (_CLOCK, _NOW, "return _START"),
        says=("created_at is the time of", "a second after"),
    ),
    mutant(
        "time.milliseconds",
        "only wallets have the time of the start",
        (_WALLETS, _IMPORT, f"{_IMPORT}\n_START = now_ms()"),
        (_WALLETS, '"now": now_ms()}', '"now": _START}'),
        (_WALLETS, "[*row, now_ms(), wallet.user_id]", "[*row, _START, wallet.user_id]"),
        says="user_wallets.created_at is the time of wallets.credit",
    ),
    mutant(
        "time.milliseconds",
        "only items have the time of the start",
        (_INVENTORY, _IMPORT, f"{_IMPORT}\n_START = now_ms()"),
        (_INVENTORY, "quantity, now_ms()]", "quantity, _START]"),
        says="user_inventory.acquired_at is the time of inventory.add",
    ),
    mutant(
        "time.milliseconds",
        "updated_at of a wallet stands",
        ("wallets.py", "[*row, now_ms(), wallet.user_id]", "[*row, 0, wallet.user_id]"),
        (
            "wallets.py",
            "updated_at = GREATEST(created_at, %s)",
            "updated_at = GREATEST(updated_at, %s)",
        ),
        says="user_wallets.updated_at moves forward when wallets.credit changes balance",
    ),
    mutant(
        "time.milliseconds",
        "updated_at of an agent stands",
        ("agents.py", "[status, now_ms(), agent_id]", "[status, 0, agent_id]"),
        (
            "agents.py",
            "SET status = %s, updated_at = GREATEST(created_at, %s)",
            "SET status = %s, updated_at = GREATEST(updated_at, %s)",
        ),
        says="agent_bots.updated_at moves forward when agents.set_status changes status",
    ),
    *(
        mutant(
            "time.milliseconds",
            f"{column} is in microseconds",
            edit,
            says=(column, "those are microseconds"),
        )
        for column, edit in _IN_MICROSECONDS
    ),
)
