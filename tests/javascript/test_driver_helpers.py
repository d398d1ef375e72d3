"""What the helpers for drivers, in JavaScript and in Python, make of a program's behaviour."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.javascript.driver_process import NODE_HELPER, NOWHERE, DriverProcess, driver_process

DRIVERS = Path(__file__).with_name("drivers")
ROOT = Path(__file__).parents[2]
COMMANDS = {
    "node": ["node", str(DRIVERS / "driver.mjs")],
    "python": [sys.executable, str(DRIVERS / "driver.py")],
}


def started(language: str) -> AbstractContextManager[DriverProcess]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return driver_process(COMMANDS[language], cwd=DRIVERS, env=env)


@pytest.fixture(params=COMMANDS)
def driver(request: pytest.FixtureRequest) -> Iterator[DriverProcess]:
    """A driver in each language in turn, initialised."""
    with started(request.param) as process:
        process.initialize()
        yield process


@pytest.fixture
def node_driver() -> Iterator[DriverProcess]:
    with started("node") as process:
        process.initialize()
        yield process


def ask(driver: DriverProcess, operation: str, **arguments: object) -> dict[str, Any]:
    reply = driver.call(operation, **arguments)
    found: dict[str, Any] = reply["error"] if "error" in reply else reply["result"]
    return found


@pytest.mark.parametrize("language", COMMANDS)
def test_the_handshake_says_what_is_claimed(language: str) -> None:
    with started(language) as process:
        answer = process.initialize()["result"]
    assert (answer["name"], answer["version"], answer["clock"]) == ("noisy", "1.2.3", "wall")
    assert answer["language"] == {"node": "javascript", "python": "python"}[language]
    assert {"wallets.credit", "pets.adopt"} <= set(answer["operations"])
    assert answer["concurrent"] is False


@pytest.mark.parametrize("language", COMMANDS)
def test_another_protocol_is_refused(language: str) -> None:
    with started(language) as process:
        error = process.initialize(protocol=2)["error"]
    assert error["code"] == -32602
    assert "protocol 2" in error["message"]


def test_whatever_is_printed_goes_to_standard_error(driver: DriverProcess) -> None:
    ask(driver, "wallets.credit", user_id="7", amount=1)
    driver.call("shutdown")
    driver.end()
    for said in ("logged at", "written at", "descriptor 1", "from a child", "crediting 7"):
        assert said in driver.stderr


def test_operations_see_the_database_and_the_keys() -> None:
    key = {"id": "k", "key": "0" * 64}
    with started("node") as process:
        process.initialize(token_keys=[key])
        answer = ask(process, "wallets.credit", user_id="7", amount=1)
    assert answer == {"url": NOWHERE["url"], "keys": 1, "doubled": 2}


@pytest.mark.parametrize(
    ("sent", "doubled"),
    [(2, 4), (2**52, str(2**53)), (str(2**53 + 1), str(2**54 + 2)), (str(-(2**63)), str(-(2**64)))],
)
def test_integers_are_exact_both_ways(driver: DriverProcess, sent: object, doubled: object) -> None:
    answer = ask(driver, "wallets.credit", user_id="12345678901234567890", amount=sent)
    assert answer["doubled"] == doubled


def test_only_unsafe_integers_of_results_are_strings(driver: DriverProcess) -> None:
    answer = ask(driver, "pets.adopt")
    assert answer == {"id": str(2**53), "safe": 5, "user": "12345678901234567890"}


def test_rejected_is_a_rejection(driver: DriverProcess) -> None:
    error = ask(driver, "wallets.debit")
    assert error["data"] == {"rejection": "insufficient_funds"}
    assert error["message"] == "there is nothing left"


def test_the_database_refusing_a_value_is_a_rejection_also_behind_a_cause(
    driver: DriverProcess,
) -> None:
    assert ask(driver, "wallets.transfer")["data"] == {"sqlstate": "23514"}


@pytest.mark.parametrize(
    ("operation", "message"), [("wallets.deposit", "refused"), ("wallets.withdraw", "boo")]
)
def test_anything_else_is_a_fault_with_its_stack_on_standard_error(
    driver: DriverProcess, operation: str, message: str
) -> None:
    error = ask(driver, operation)
    assert (error["code"], error["message"]) == (-32603, message)
    assert "rejection" not in error["data"]
    assert error["data"].get("sqlstate") in (None, "40001")
    driver.call("shutdown")
    driver.end()
    assert re.search(r"driver\.(mjs|py)", driver.stderr)
    assert message in driver.stderr


def test_a_result_that_is_no_json_is_a_fault(driver: DriverProcess) -> None:
    assert ask(driver, "pets.update")["code"] == -32603
    assert ask(driver, "pets.adopt")["safe"] == 5


def test_an_unknown_operation_is_a_fault(driver: DriverProcess) -> None:
    error = ask(driver, "wallets.burn")
    assert (error["code"], error.get("data")) == (-32601, None)
    assert "wallets.burn is not an operation" in error["message"]


@pytest.mark.parametrize(
    ("line", "code"),
    [(b"{", -32700), (b"\xff", -32700), (b"[]", -32600), (b"null", -32600), (b"{}", -32600)],
)
def test_lines_that_are_no_requests(driver: DriverProcess, line: bytes, code: int) -> None:
    driver.send_line(line)
    assert driver.read()["error"]["code"] == code
    assert ask(driver, "pets.adopt")["safe"] == 5


def test_an_exception_that_nothing_caught_is_the_fault_of_what_is_under_way(
    node_driver: DriverProcess,
) -> None:
    error = ask(node_driver, "audit.record")
    assert (error["code"], error["message"]) == (-32603, "nobody awaits this")
    assert ask(node_driver, "pets.adopt")["safe"] == 5


def test_requests_may_arrive_before_the_handshake_has_ended() -> None:
    with started("node") as process:
        process.send("initialize", protocol=1, database=NOWHERE, token_keys=[])
        process.send("pets.adopt")
        assert "operations" in process.read()["result"]
        assert process.read()["result"]["safe"] == 5


@pytest.fixture
def concurrent_driver(tmp_path: Path) -> Iterator[DriverProcess]:
    """One whose credit waits for a debit."""
    program = tmp_path / "driver.mjs"
    program.write_text(
        f"import {{ serve }} from {json.dumps(str(NODE_HELPER))};\n"
        "let debited; const debit = new Promise((resolve) => { debited = resolve; });\n"
        "serve({ 'wallets.credit': () => debit, 'wallets.debit': () => debited('done') },\n"
        "  { concurrent: true });\n"
    )
    with driver_process(["node", str(program)], cwd=tmp_path) as process:
        yield process


def test_a_concurrent_driver_has_several_operations_under_way(
    concurrent_driver: DriverProcess,
) -> None:
    assert concurrent_driver.initialize()["result"]["concurrent"] is True
    concurrent_driver.send("wallets.credit")
    concurrent_driver.send("wallets.debit")
    assert [reply["result"] for reply in two_replies(concurrent_driver)] == ["done", None]


def test_a_concurrent_driver_lets_requests_wait_for_the_handshake(
    concurrent_driver: DriverProcess,
) -> None:
    concurrent_driver.send("initialize", protocol=1, database=NOWHERE, token_keys=[])
    concurrent_driver.send("wallets.debit")
    handshake, debit = two_replies(concurrent_driver)
    assert "operations" in handshake["result"]
    assert debit["result"] is None


def two_replies(driver: DriverProcess) -> list[dict[str, Any]]:
    """In the order of their requests, whichever came first."""
    return sorted([driver.read(), driver.read()], key=lambda reply: int(reply["id"]))


def test_shutdown_is_answered_and_ends_the_process(driver: DriverProcess) -> None:
    assert driver.call("shutdown")["result"] is None
    assert driver.end() == 0


def test_the_end_of_standard_input_ends_the_process(driver: DriverProcess) -> None:
    assert driver.end() == 0


def test_close_is_called_at_the_end(node_driver: DriverProcess) -> None:
    node_driver.end()
    assert node_driver.stderr.endswith("closed\n")


def test_the_helper_can_be_loaded_before_a_program_that_imports_a_copy_of_it_last(
    tmp_path: Path,
) -> None:
    shutil.copy(NODE_HELPER, tmp_path)
    program = tmp_path / "driver.mjs"
    program.write_text(
        "console.log('early');\nconst { serve } = await import('./chopsticks.mjs');\nserve({});\n"
    )
    command = ["node", "--import", str(NODE_HELPER), str(program)]
    with driver_process(command, cwd=tmp_path) as process:
        assert process.initialize()["result"]["operations"] == []
        process.end()
    assert process.stderr == "early\n"
