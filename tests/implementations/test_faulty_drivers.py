"""What each of the faulty drivers in tests/fauxmplementations is told.

Every fault has its class, a message that says what happened and what the driver had written, and
a hint; it comes in time; the driver is gone after it, and the next call gets an honest answer.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import (
    Accepted,
    Implementation,
    Target,
    TokenKey,
    faults,
    load_implementation,
)
from tests.implementations.fake_database import FakeDatabase
from tests.implementations.marked_processes import MARK, running

ROOT = Path(__file__).parents[2]
KEY = TokenKey("k", "ab" * 32)
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
TIME_BOUND_S = 10


@dataclass(frozen=True)
class Told:
    """What is expected; `message` and `hint` are regular expressions."""

    driver: str
    fault: type[faults.DriverFault]
    message: str
    hint: str
    time_limit: float = 30


AT_START = [
    Told("exits_at_once", faults.DriverExitedAtStart,
         r"^initialize was not answered: .* exit status 7\n.*\n.*\n    no configuration", "hand"),
    Told("hangs_at_the_handshake", faults.HandshakeTimedOut,
         r"^initialize was not answered within 0.7 s\n.*\n.*\n    connecting", "flush", 0.7),
    Told("refuses_the_handshake", faults.HandshakeRefused,
         "^initialize was answered with an error: no connection to the database\n(.|\n)*ECONNREF",
         "DATABASE_URL"),
    Told("claims_nothing_readable", faults.HandshakeMalformed, "operations is not a list of names",
         r"^Answer \{name, version"),
    Told("speaks_protocol_2", faults.WrongProtocol, "in protocol 2, and the suite",
         "release"),
    Told("claims_an_unknown_operation", faults.UnknownOperationClaimed,
         "the contract does not have: 'wallets.kredit'", "Did you mean 'wallets.credit'?"),
]  # fmt: skip

IN_A_CALL = [
    Told("exits_in_a_call", faults.DriverExited,
         r"driver ended, with exit status 3\n.*\n.*\n    cannot go on$", "crashed"),
    Told("crashes_in_a_call", faults.DriverExited, "ended, by SIGSEGV", "crashed"),
    Told("exits_while_a_child_keeps_its_output_open", faults.DriverExited,
         "ended, with exit status 3", "crashed"),
    Told("hangs_in_a_call", faults.CallTimedOut,
         r"not answered within 0.7 s; the driver was stopped\n.*\n.*\n    waiting for a lock$",
         "lock", 0.7),
    Told("hangs_in_the_middle_of_a_line", faults.ReplyCutOff,
         r'half a line: \{"jsonrpc": "2.0", "id": $', "newline", 0.7),
    Told("answers_half_a_line", faults.ReplyCutOff, r'half a line: \{"jsonrpc": "2.0", "id": $',
         "newline"),
    Told("answers_the_call_before", faults.AnsweredTwice,
         r'a request that was answered before: \{.*"id": 1', "one reply"),
    Told("answers_with_a_wrong_id", faults.ReplyWithUnknownId, 'id of no request: .*"id": 4711',
         "Repeat"),
    Told("answers_with_a_text_as_id", faults.ReplyWithUnknownId, 'id of no request: .*"id": "2"',
         "integer"),
    Told("answers_without_an_id", faults.ReplyWithoutId, 'without an id: .*"result"', "Repeat"),
    Told("answers_twice", faults.AnsweredTwice, 'answered before: .*"id": 2', "one reply"),
    Told("answers_with_a_list", faults.ReplyNotAnObject, r"a list where one object .*: \[", "own"),
    Told("answers_with_neither", faults.ReplyMalformed, 'no JSON-RPC reply: .*"ok"', "either"),
    Told("answers_100_mb", faults.ReplyTooLong, "a line of more than 16777216 bytes", "no more"),
    Told("answers_invalid_utf8", faults.ReplyNotUtf8, r"not UTF-8: .*caf\\xe9", "UTF-8"),
    Told("prints_to_stdout", faults.ReplyNotJson, "not JSON: crediting the wallet$", "logging"),
    Told("claims_what_it_lacks", faults.OperationLacking,
         "is claimed, but the driver does not have it: Method not found", "Claim only"),
    Told("fails_without_a_name", faults.OperationFailed,
         r"failed: x is not a function \(code -32000\)\n.*\n.*\n    TypeError", "sqlstate"),
]  # fmt: skip


def implementation(driver: str, mark: str, time_limit: float = 30) -> Implementation:
    command = f"{sys.executable} -m tests.fauxmplementations.{driver}"
    target = Target(ROOT / "chopsticks.toml", "faux", command=command, env={MARK: mark})
    return load_implementation(
        target,
        token_keys=[KEY],
        time_limit=time_limit,
        scratch_database=lambda: nullcontext(FakeDatabase("scratch")),
    )


def check(told: Told, fault: ImplementationFault) -> None:
    assert type(fault) is told.fault
    assert re.search(told.message, fault.message, re.MULTILINE), fault.message
    assert re.search(told.hint, fault.hint or ""), fault.hint


@pytest.mark.parametrize("told", AT_START, ids=lambda told: told.driver)
def test_a_fault_at_the_start(told: Told, mark: str) -> None:
    faux = implementation(told.driver, mark, told.time_limit)
    started = time.monotonic()
    with pytest.raises(ImplementationFault) as raised:
        _ = faux.claims
    check(told, raised.value)
    assert time.monotonic() - started < TIME_BOUND_S
    assert not running(mark)


@pytest.mark.parametrize("told", IN_A_CALL, ids=lambda told: told.driver)
def test_a_fault_in_a_call(told: Told, mark: str) -> None:
    with implementation(told.driver, mark, told.time_limit).open(FakeDatabase()) as driver:
        started = time.monotonic()
        with pytest.raises(ImplementationFault) as raised:
            driver.call("wallets.credit", user_id="1", amount=5, reason="bait")
        assert time.monotonic() - started < TIME_BOUND_S
        check(told, raised.value)
        assert "wallets.credit(user_id='1', amount=5, reason='bait') " in raised.value.message
        next_call = driver.call("wallets.credit", user_id="1", amount=5, reason="honest")
        assert next_call == Accepted(None, "")


@pytest.mark.parametrize("command", ["no-such-program --really", "/etc/passwd"])
def test_a_driver_that_does_not_start(command: str, tmp_path: Path) -> None:
    target = Target(tmp_path / "chopsticks.toml", "faux", command=command)
    faux = load_implementation(target, scratch_database=lambda: nullcontext(FakeDatabase()))
    with pytest.raises(faults.DriverDidNotStart, match=r"did not start \(exit status 12[67]\)") as (
        raised
    ):
        _ = faux.claims
    assert str(tmp_path) in (raised.value.hint or "")


def test_a_driver_whose_directory_is_gone(tmp_path: Path) -> None:
    target = Target(tmp_path / "gone" / "chopsticks.toml", "faux", command="true")
    faux = load_implementation(target, scratch_database=lambda: nullcontext(FakeDatabase()))
    with pytest.raises(faults.DriverDidNotStart, match="No such file or directory"):
        _ = faux.claims


def test_a_start_that_failed_is_not_tried_again(mark: str, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    command = f"echo x >> {starts}; exit 1"
    target = Target(tmp_path / "chopsticks.toml", "faux", command=command, env={MARK: mark})
    faux = load_implementation(target, scratch_database=lambda: nullcontext(FakeDatabase()))
    for _ in range(3):
        with pytest.raises(faults.DriverExitedAtStart):
            _ = faux.claims
    assert starts.read_text() == "x\n"


def test_a_driver_is_restarted_three_times_and_no_more(mark: str) -> None:
    with implementation("exits_in_a_call", mark).open(FakeDatabase()) as driver:
        for _ in range(4):
            with pytest.raises(faults.DriverExited):
                driver.call("wallets.credit", user_id="1", amount=5, reason="bait")
        with pytest.raises(faults.RestartedTooOften, match="restarted 3 times"):
            driver.call("wallets.credit", user_id="1", amount=5, reason="honest")


def test_a_second_reply_that_comes_late_is_told_at_the_next_call(mark: str) -> None:
    with implementation("answers_again_later", mark).open(FakeDatabase()) as driver:
        driver.call("wallets.credit", user_id="1", amount=5, reason="bait")
        with pytest.raises(faults.AnsweredTwice, match=r'answered before: .*"id": 2'):
            driver.call("wallets.credit", user_id="1", amount=5, reason="bait")


def test_a_second_reply_that_comes_late_is_told_at_the_end(mark: str) -> None:
    with (
        pytest.raises(faults.AnsweredTwice, match=r"^shutdown met a reply"),
        implementation("answers_again_at_the_end", mark).open(FakeDatabase()),
    ):
        pass


def test_replies_out_of_order_are_matched_by_their_ids(mark: str) -> None:
    results: dict[int, object] = {}
    with implementation("answers_out_of_order", mark).open(FakeDatabase()) as driver:

        def save(number: int) -> None:
            outcome = driver.call("settings.save", guild_id="1", data={}, expected_rev=number)
            results[number] = outcome.expect_accepted("save").result

        threads = [threading.Thread(target=save, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(TIME_BOUND_S)
    assert results == {number: {"rev": number} for number in range(3)}


def test_a_flood_on_standard_error_is_no_fault_and_its_end_is_kept(mark: str) -> None:
    started = time.monotonic()
    with implementation("floods_stderr", mark).open(FakeDatabase()) as driver:
        outcome = driver.call("wallets.credit", user_id="1", amount=5, reason="bait")
    assert isinstance(outcome, Accepted)
    assert len(outcome.output) < 100_000
    assert re.match(r"\[\d+ bytes before this left out\]\n", outcome.output)
    assert outcome.output.endswith("\nthe last line\n")
    assert time.monotonic() - started < TIME_BOUND_S


def test_an_answer_of_another_shape_is_shown(mark: str) -> None:
    with (
        implementation("answers_another_shape", mark).open(FakeDatabase()) as driver,
        pytest.raises(faults.ResultOfWrongShape) as raised,
    ):
        driver.call("settings.save", guild_id="1", data={}, expected_rev=0)
    assert "rev should be an integer" in raised.value.message
    assert "the answer: {'rev': 'first'}" in raised.value.message


def test_an_operation_that_is_not_claimed_is_not_asked_for(mark: str) -> None:
    with (
        implementation("exits_in_a_call", mark).open(FakeDatabase()) as driver,
        pytest.raises(faults.NotClaimed, match=r"pets\.adopt"),
    ):
        driver.call("pets.adopt", user_id="1", pet_type="cat")


def test_no_secret_is_shown(mark: str) -> None:
    with (
        implementation("shows_secrets", mark).open(FakeDatabase()) as driver,
        pytest.raises(faults.OperationFailed) as raised,
    ):
        driver.call("agents.register", agent_id="agent1", token=TOKEN, client_id="1", tag="t")
    text = str(raised.value)
    assert "agents.register(agent_id='agent1', token=***, " in text
    assert "postgresql://owner:***@127.0.0.1:1/shop" in text
    for secret in (TOKEN, KEY.key, FakeDatabase().password, "p%40ss"):
        assert secret not in text
    assert raised.value.leaked


def test_children_that_survive_are_killed_and_told_of(mark: str) -> None:
    with (
        pytest.raises(faults.ChildrenSurvived, match=r"sleep \(\d+\), sleep \(\d+\)"),
        implementation("leaves_children", mark).open(FakeDatabase()),
    ):
        pass
    assert not running(mark)


def test_a_driver_that_does_not_end_is_ended(mark: str) -> None:
    started = time.monotonic()
    with implementation("ignores_the_end", mark).open(FakeDatabase()):
        assert running(mark)
    assert time.monotonic() - started < TIME_BOUND_S
    assert not running(mark)


def test_no_file_is_left_open(mark: str) -> None:
    def open_files() -> set[str]:
        return {path.name for path in Path("/dev/fd").iterdir()}

    with implementation("hangs_in_a_call", mark, 0.5).open(FakeDatabase()):
        pass
    before = open_files()
    with (
        implementation("hangs_in_a_call", mark, 0.5).open(FakeDatabase()) as driver,
        pytest.raises(faults.CallTimedOut),
    ):
        driver.call("wallets.credit", user_id="1", amount=5, reason="bait")
    assert open_files() == before
