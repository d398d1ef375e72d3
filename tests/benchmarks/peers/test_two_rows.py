# mypy: ignore-errors
import os
import time

import pytest

PAUSE = float(os.environ.get("BENCHMARK_PAUSE", "0"))


@pytest.mark.parametrize("turn", range(int(os.environ["BENCHMARK_TESTS"])))
def test_two_rows(turn, connection):
    time.sleep(PAUSE)
    if connection is None:
        return
    assert connection.execute("SELECT count(*) FROM user_wallets").fetchone() == (0,)
    connection.execute(
        "INSERT INTO user_wallets (user_id, created_at, updated_at) VALUES ('u', 1, 1)"
    )
    connection.execute("INSERT INTO transaction_log (amount, reason, timestamp) VALUES (1, 'r', 1)")
    if os.environ["BENCHMARK_KIND"] not in ("rollback", "transaction"):
        connection.commit()
