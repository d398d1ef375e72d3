"""The same operations over JSON-RPC: what each line of standard input is answered."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.databases import Database

from .concurrency import locked
from .conftest import Observer

ROOT = Path(__file__).parents[2]
CLAIMED = {
    *("migrate", "verify_schema", "settings.get", "settings.save", "pools.create"),
    *("agents.register", "agents.token", "agents.set_status", "agents.allocate"),
    *("agents.release", "agents.rotate_key", "runners.heartbeat", "commands.record"),
    *("audit.record", "retention.purge", "wallets.credit", "wallets.debit", "wallets.transfer"),
    *("wallets.deposit", "wallets.withdraw", "inventory.add", "inventory.remove"),
    *("streaks.claim", "pets.adopt", "pets.update"),
}


class Driver:
    """A driver's process, and one conversation with it."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._id = 0

    def send(self, method: str, **params: object) -> int:
        self._id += 1
        self.write(
            json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        )
        return self._id

    def write(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        reply: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert reply.pop("jsonrpc") == "2.0"
        return reply

    def call(self, method: str, **params: object) -> Any:
        """The result, or the error."""
        sent = self.send(method, **params)
        reply = self.read()
        assert reply.pop("id") == sent
        (answer,) = reply.values()
        return answer


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver([sys.executable, "-m", "reference_impl"])
    with driver.process:
        yield driver
        driver.process.kill()


@pytest.fixture
def ready(driver: Driver, migrated_database: Database, token_key: dict[str, str]) -> Driver:
    database = {"url": migrated_database.dsn}
    driver.call("initialize", protocol=1, database=database, token_keys=[token_key])
    return driver


def test_the_handshake(driver: Driver, migrated_database: Database) -> None:
    """Unknown parameters are for later versions of the protocol."""
    answer = driver.call(
        "initialize", protocol=1, database={"url": migrated_database.dsn}, token_keys=[], more=1
    )

    assert set(answer.pop("operations")) == CLAIMED
    assert answer == {
        "name": "chopsticks-reference",
        "version": "1.0.0",
        "language": "python",
        "concurrent": True,
        "clock": "argument",
    }


def test_another_protocol_is_refused(driver: Driver) -> None:
    answer = driver.call("initialize", protocol=2, database={"url": ""}, token_keys=[])

    assert answer["code"] == -32602


def test_results_and_rejections(ready: Driver) -> None:
    assert ready.call("wallets.credit", user_id="1", amount=5, reason="daily") is None
    refused = ready.call("wallets.debit", user_id="1", amount=6, reason="shop")
    assert refused["data"] == {"rejection": "insufficient_funds"}
    assert ready.call("settings.get", guild_id="1") == {"data": {}, "rev": 0}
    assert ready.call("verify_schema").keys() == {"hash"}


def test_large_integers_are_exact_both_ways(ready: Driver, observer: Observer) -> None:
    assert ready.call("wallets.credit", user_id="1", amount=str(2**63 - 1), reason="r") is None
    assert observer.value("SELECT balance FROM user_wallets") == 2**63 - 1

    ready.call("settings.save", guild_id="1", data={"id": 2**60, "a": [-(2**53)]}, expected_rev=0)
    assert ready.call("settings.get", guild_id="1")["data"] == {
        "id": str(2**60),
        "a": [str(-(2**53))],
    }


def test_a_snowflake_stays_text(ready: Driver, observer: Observer) -> None:
    ready.call("settings.save", guild_id="1", data={"role": "175928847299117063"}, expected_rev=0)

    assert observer.value("SELECT data FROM guild_settings") == {"role": "175928847299117063"}


@pytest.mark.parametrize("amount", ["5", "-1", "five", "", "9" * 30, True, 1.5])
def test_other_text_is_no_amount(ready: Driver, amount: object) -> None:
    answer = ready.call("wallets.credit", user_id="1", amount=amount, reason="r")

    assert answer["data"] == {"rejection": "invalid_amount"}


def test_what_the_database_refuses_carries_its_code(ready: Driver, observer: Observer) -> None:
    observer.execute(
        "INSERT INTO guild_settings (guild_id, data, rev) VALUES ('1', '{}', 2147483647)"
    )

    answer = ready.call("settings.save", guild_id="1", data={}, expected_rev=2**31 - 1)

    assert answer["data"] == {"sqlstate": "22003"}


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        ("not JSON", -32700, None),
        ("[]", -32600, None),
        ("7", -32600, None),
        ('{"jsonrpc": "2.0", "id": 3}', -32600, 3),
        ('{"jsonrpc": "2.0", "id": 3, "method": "migrate", "params": []}', -32600, 3),
        ('{"jsonrpc": "2.0", "id": "x", "method": "wallets.steal"}', -32601, "x"),
        ('{"jsonrpc": "2.0", "id": 4, "method": "close"}', -32601, 4),
        ('{"jsonrpc": "2.0", "id": 5, "method": "agents.release"}', -32602, 5),
        ('{"jsonrpc": "2.0", "id": 6, "method": "verify_schema", "params": {"x": 1}}', -32602, 6),
    ],
)
def test_what_is_no_request_is_answered_with_its_code(
    ready: Driver, line: str, code: int, request_id: object
) -> None:
    ready.write(line)

    reply = ready.read()

    assert (reply["error"]["code"], reply["id"]) == (code, request_id)
    assert "data" not in reply["error"]


def test_requests_can_overtake_each_other(ready: Driver, migrated_database: Database) -> None:
    with locked(migrated_database.dsn, "user_wallets"):
        held_up = ready.send("wallets.credit", user_id="1", amount=1, reason="r")
        assert ready.call("settings.get", guild_id="1") == {"data": {}, "rev": 0}

    assert ready.read() == {"id": held_up, "result": None}


def test_shutdown_answers_what_is_under_way_and_ends(
    ready: Driver, migrated_database: Database, observer: Observer
) -> None:
    with locked(migrated_database.dsn, "user_wallets"):
        credit = ready.send("wallets.credit", user_id="1", amount=1, reason="r")
        shutdown = ready.send("shutdown")

    assert ready.read() == {"id": credit, "result": None}
    assert ready.read() == {"id": shutdown, "result": None}
    assert ready.process.wait() == 0
    assert observer.value("SELECT balance FROM user_wallets") == 1


def test_the_end_of_the_requests_ends_the_driver(ready: Driver) -> None:
    assert ready.process.stdin
    ready.process.stdin.close()

    assert ready.process.wait() == 0


def test_stray_output_goes_to_standard_error() -> None:
    """Printed by Python or by a child, it would break the protocol's stream."""
    program = (
        "import os, reference_impl.__main__ as driver\n"
        "serve = driver.serve\n"
        "def noisy(*streams):\n"
        "    print('stray', flush=True); os.system('echo stray'); serve(*streams)\n"
        "driver.serve = noisy\n"
        "driver.main()\n"
    )
    driver = Driver([sys.executable, "-c", program])
    with driver.process:
        assert driver.call("shutdown") is None
