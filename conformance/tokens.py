"""Area `tokens`: an agent's token is secret wherever it lies, and unreadable once touched."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Any

import psycopg
import pytest

from pytest_chopsticks import strategies
from pytest_chopsticks.databases import Database, DatabaseProvider, Template
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import (
    Accepted,
    Driver,
    Implementation,
    KillableDriver,
    Refused,
    TokenKey,
    new_token_key,
)
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .agent_registration import (
    IN_ANOTHER_POOL,
    expect_no_token,
    expect_token,
    make_pools,
    read_token,
    register,
    register_all,
    registration,
    set_status,
)
from .answers import Answer, ask, attempt, expect_refusal, expect_rejected, told
from .examples import examples
from .fixtures import OpenDriver
from .identities import agent_id, new_token
from .overlapping import Meeting
from .rejection_names import Expectation, expect_names
from .schema_location import search_path
from .token_ciphers import expect_unrelated
from .token_search import (
    dump_program,
    expect_not_in_dump,
    expect_not_in_files,
    expect_not_in_log,
    expect_not_in_rows,
    readable,
    server_log,
)
from .token_spellings import spellings
from .token_tampering import changed_at, store_tokens, stored_token, swap_tokens

#: How many characters of a stored token are changed, one at a time, at least; or all there are.
_POSITIONS = {"quick": 16, "default": 48, "thorough": 1_000}

#: How many agents have a token when the key is changed: more than a program reads at once.
_AGENTS = {"quick": 6, "default": 120, "thorough": 1_100}
_INACTIVE, _REVOKED, _LATER, _LATEST = 3, 4, 5_000, 5_001

_HOLD = "SELECT 1 FROM agent_bots WHERE agent_id = %s FOR UPDATE"


@pytest.fixture(autouse=True)
def pools(observer: psycopg.Connection[Any]) -> None:
    make_pools(observer)


@checks("tokens.round-trip")
def test_round_trip(driver: Driver, run: Run) -> None:
    discord = examples(run, strategies.discord_tokens(), 20)
    text = examples(run, strategies.hostile_text(), 30)
    for number, token in enumerate([*discord, *text]):
        answer = attempt(driver, "agents.register", **registration(number, token=token))
        what = f"a token of {len(token)} characters"
        if isinstance(answer, Refused) and number >= len(discord):
            continue
        if not isinstance(answer, Accepted):
            or_rejected = " or rejected" if number >= len(discord) else ""
            raise Violation(
                expected=f"registering {what} is accepted{or_rejected}", actual=told(answer)
            )
        expect_token(driver, number, token, what)


@checks("tokens.no-plaintext-at-rest")
def test_no_plaintext_at_rest(
    driver: Driver, observer: psycopg.Connection[Any], fresh: Database
) -> None:
    looked_for = spellings(register(driver, 1))
    expect_not_in_rows(observer, looked_for)
    if program := dump_program(observer, fresh.server):
        expect_not_in_dump(fresh, program, looked_for)
    if directory := readable(fresh.server.data_directory):
        observer.execute("CHECKPOINT")
        row = observer.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (oid,) = row.fetchone() or ("",)
        expect_not_in_files(directory / "base" / str(oid), looked_for, "a data file")
        expect_not_in_files(directory / "pg_wal", looked_for, "the write-ahead log")


@checks("tokens.no-plaintext-in-logs")
def test_no_plaintext_in_logs(drivers: OpenDriver, fresh: Database) -> None:
    arguments = registration(1)
    with server_log(fresh) as log:
        driver = drivers()
        outcomes = [
            driver.call("agents.register", **arguments),
            driver.call("agents.token", agent_id=agent_id(1)),
        ]
    expect_not_in_log(log, spellings(str(arguments["token"])))
    if any(outcome.leaked for outcome in outcomes):
        raise Violation(
            expected="registering and reading a token write nothing that shows it",
            actual="the implementation's output shows it",
        )


@checks("tokens.not-merely-encoded")
def test_not_merely_encoded(
    drivers: OpenDriver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    databases: DatabaseProvider,
    migrated_template: Template,
    schema: str,
) -> None:
    key = new_token_key()
    first = drivers(token_keys=[key])
    token = register(first, 1)
    like = token[:-8] + token[-8:].swapcase()[::-1]
    register(first, 2, token=like)
    # What counts its nonces begins again in another program with the same key.
    later = register_all(drivers(token_keys=[key]), (3, 4))
    with databases.clone(migrated_template) as database, database.observe() as other:
        other.execute(search_path(schema))
        make_pools(other)
        other.commit()
        with implementation.open(database, [new_token_key()]) as second:
            register(second, 1, token=token)
        if stored_token(other, 1) == stored_token(observer, 1):
            raise Violation(
                expected="the same token is stored otherwise under another key",
                actual="what is stored is the same under two keys, so no key protects it",
            )
    tokens = {1: token, 2: like, **later}
    expect_unrelated({one: stored_token(observer, number) for number, one in tokens.items()})


@checks("tokens.authenticated")
def test_authenticated(drivers: OpenDriver, observer: psycopg.Connection[Any], run: Run) -> None:
    key = new_token_key()
    writing = drivers(token_keys=[key])
    length = _stored_length(writing, observer)
    positions = {*range(0, length, max(1, length // _POSITIONS[run.options.profile])), length - 1}
    # An agent for each, because one that was read may be remembered.
    tokens = register_all(writing, sorted(positions))
    changed = {
        number: changed_at(stored, min(number, len(stored) - 1))
        for number in tokens
        if (stored := stored_token(observer, number))
    }
    reading = drivers(token_keys=[key])
    passed_over = [
        number
        for number in sorted(store_tokens(observer, changed))
        if _expect_no_other_token(read_token(reading, number), tokens[number], number)
    ]
    if 2 * len(passed_over) >= len(changed):
        raise Violation(
            expected="changing what is stored in agent_bots.token is noticed",
            actual=f"{len(passed_over)} of {len(changed)} changes of one character were not",
        )


@checks("tokens.wrong-key-refused")
def test_wrong_key_is_refused(drivers: OpenDriver) -> None:
    register(drivers(token_keys=[new_token_key()]), 1)
    expect_no_token(drivers(token_keys=[new_token_key()]), 1, "a token with another key")
    if isinstance(read_token(drivers(token_keys=[]), 1), Accepted):
        raise Violation(
            expected="reading a token without any key gives no token", actual="it is accepted"
        )
    keys = [new_token_key(f"key-{number}") for number in (1, 2)]
    token = register(drivers(token_keys=keys), 2)
    expect_token(drivers(token_keys=keys[:1]), 2, token, "a token with the first of two keys")
    expect_no_token(drivers(token_keys=keys[1:]), 2, "a token with the second of two keys")


@checks("tokens.missing-key-refused")
def test_missing_key_is_refused(drivers: OpenDriver, observer: psycopg.Connection[Any]) -> None:
    without = drivers(token_keys=[])
    what = "registering an agent without any token key"
    expect_rejected(without, observer, what, "agents.register", **registration(1))


@checks("tokens.duplicate-refused")
def test_duplicate_is_refused(
    drivers: OpenDriver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    meeting: Meeting,
) -> None:
    key = new_token_key()
    driver = drivers(token_keys=[key])
    token = register(driver, 1)
    programs = [(driver, ""), (drivers(token_keys=[key]), " after a restart")]
    if "agents.rotate_key" in implementation.claims:
        programs.append((drivers(token_keys=[new_token_key("key-2"), key]), " with a further key"))
    for program, when in programs:
        for number, where in ((2, ""), (IN_ANOTHER_POOL, " in another pool")):
            again = registration(number, token=token)
            what = f"registering the token of another agent{where}{when}"
            expect_rejected(program, observer, what, "agents.register", **again)
    if "agents.set_status" in implementation.claims:
        ask(driver, "agents.set_status", agent_id=agent_id(1), status="inactive")
        what = "registering the token of an inactive agent"
        again = registration(2, token=token)
        expect_rejected(driver, observer, what, "agents.register", **again)
    _expect_one_registered(meeting, driver, drivers(token_keys=[key]))
    if "agents.rotate_key" in implementation.claims:
        ask(driver, "agents.rotate_key", new_key=asdict(new_token_key("key-2")))
        what = "registering the token of another agent after the key was changed"
        again = registration(2, token=token)
        expect_rejected(driver, observer, what, "agents.register", **again)


@checks("tokens.bound-to-row")
def test_bound_to_row(drivers: OpenDriver, observer: psycopg.Connection[Any]) -> None:
    key = new_token_key()
    register_all(drivers(token_keys=[key]), (1, 2))
    swap_tokens(observer, 1, 2)
    reading = drivers(token_keys=[key])
    for number in (1, 2):
        expect_no_token(reading, number, "a stored token that was moved from another agent's row")


@checks("tokens.rotation")
def test_rotation(
    drivers: OpenDriver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    meeting: Meeting,
    run: Run,
) -> None:
    old, new, newer, newest = (new_token_key(f"key-{number}") for number in (1, 2, 3, 4))
    driver = drivers(token_keys=[old])
    claimed = "agents.set_status" in implementation.claims
    many = register_all(driver, range(_AGENTS[run.options.profile]))
    many = _expect_rotated(driver, drivers, observer, claimed, many, new)
    tokens = {number: many[number] for number in range(4)}
    _expect_none(drivers(token_keys=[old]), tokens, "a token with the key that was changed")
    tokens[_LATER] = register(driver, _LATER)

    attempt(drivers(token_keys=[old]), "agents.rotate_key", new_key=asdict(newer))
    what = "a token after a program that cannot read it was to change the key"
    _expect_all(drivers(token_keys=[new]), tokens, what)

    _terminate_rotation(drivers(token_keys=[new]), meeting, newer)
    _expect_repeatable(drivers, tokens, new, newer, "cut")
    last, killed = newer, drivers(token_keys=[newer], unobserved=True)
    if isinstance(killed, KillableDriver):
        last = newest
        _kill_rotation(killed, meeting, newest)
        _expect_repeatable(drivers, tokens, newer, newest, "cut by killing the program")
    _expect_forgotten(drivers(token_keys=[last]), drivers(token_keys=[last]))


@checks("tokens.never-in-errors")
def test_never_in_errors(
    driver: Driver, drivers: OpenDriver, observer: psycopg.Connection[Any]
) -> None:
    token = register(driver, 1)
    wrongs: Mapping[str, tuple[Driver, dict[str, object]]] = {
        "the token of another agent": (driver, registration(2, token=token)),
        "no token key": (drivers(token_keys=[]), registration(3)),
        "the agent_id of another agent": (driver, registration(1)),
        "the client_id of another agent": (
            driver,
            registration(4, client_id=registration(1)["client_id"]),
        ),
        "an agent_id of another form": (driver, registration(5, agent_id="nobody")),
        "U+0000 in the token": (driver, registration(6, token=f"{new_token()}\0{new_token()}")),
        "U+0000 in the tag": (driver, registration(7, tag="\0")),
        "a number as the tag": (driver, registration(9, tag=9)),
    }
    for what, (program, arguments) in wrongs.items():
        _expect_not_leaked(attempt(program, "agents.register", **arguments), what)
    # The last digit of some encodings has bits that mean nothing.
    store_tokens(observer, {1: changed_at(stored_token(observer, 1), -4)})
    if isinstance(answer := read_token(driver, 1), Refused | ImplementationFault):
        _expect_not_leaked(answer, "a stored token that was changed")


@checks("tokens.revoked")
def test_revoked(driver: Driver, drivers: OpenDriver) -> None:
    token, other = register(driver, 1), drivers()
    for program in (driver, other):
        expect_token(program, 1, token, "the token of an agent that is not revoked")
    ask(driver, "agents.set_status", agent_id=agent_id(1), status="revoked")
    expect_no_token(driver, 1, "the token of a revoked agent")
    expect_no_token(other, 1, "the token of an agent that another program revoked")


@checks("tokens.rejection-names")
def test_rejection_names(
    drivers: OpenDriver, driver: Driver, implementation: Implementation
) -> None:
    token = register(driver, 1)
    reading, first = "agents.token", {"agent_id": agent_id(1)}
    again, keyless = registration(2, token=token), drivers(token_keys=[])
    wrong_key = drivers(token_keys=[new_token_key()])
    expectations = [
        Expectation("the token of another agent", ("duplicate_token",), "agents.register", again),
        Expectation("no key", ("key_missing",), "agents.register", registration(3), keyless),
        Expectation("another key", ("token_unreadable",), reading, first, wrong_key),
        Expectation("no such agent", ("unknown_agent",), reading, {"agent_id": agent_id(9)}),
    ]
    expect_names(driver, expectations)
    if "agents.set_status" in implementation.claims:
        ask(driver, "agents.set_status", agent_id=agent_id(1), status="revoked")
        expect_names(driver, [Expectation("a revoked agent", ("revoked",), reading, first)])


def _expect_all(driver: Driver, tokens: Mapping[int, str], what: str) -> None:
    for number, token in tokens.items():
        expect_token(driver, number, token, what)


def _expect_none(driver: Driver, tokens: Mapping[int, str], what: str) -> None:
    for number in tokens:
        expect_no_token(driver, number, what)


def _expect_one_registered(meeting: Meeting, *programs: Driver) -> None:
    """Expect one of several programs to register a token when all do so at once."""
    token = new_token()
    calls = [
        partial(attempt, one, "agents.register", **registration(number, token=token))
        for number, one in enumerate(programs, 3)
    ]
    # Whoever looks for the token finds nothing, and waits before storing it.
    answers = meeting.overlap(calls, "LOCK TABLE agent_bots IN SHARE MODE")
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    if len(accepted) != 1:
        raise Violation(
            expected=f"one of {len(calls)} agents registered at once with the same token",
            actual=f"{len(accepted)} are: {'; '.join(map(told, answers))}",
        )


def _stored_length(driver: Driver, observer: psycopg.Connection[Any]) -> int:
    register(driver, -1)
    return len(stored_token(observer, -1))


def _expect_no_other_token(answer: Answer, token: str, position: int) -> bool:
    """Whether the change was passed over: the token itself came back."""
    what = f"reading a stored token with character {position} changed"
    if not isinstance(answer, Accepted):
        expect_refusal(answer, what)
        return False
    if not isinstance(answer.result, Mapping) or answer.result.get("token") != token:
        raise Violation(expected=f"{what} is rejected", actual="it gives a wrong token")
    return True


def _expect_not_leaked(answer: Answer, what: str) -> None:
    if getattr(answer, "leaked", False):
        raise Violation(
            expected=f"the answer to a call with {what} does not show the token",
            actual=f"it does, here masked: {told(answer)}",
        )


def _expect_rotated(
    driver: Driver,
    drivers: OpenDriver,
    observer: psycopg.Connection[Any],
    claimed: bool,
    tokens: Mapping[int, str],
    new: TokenKey,
) -> dict[int, str]:
    """Change the key, with an inactive and a revoked agent among others; return what can be read.

    `claimed` says whether agents.set_status is.
    """
    readable = {number: token for number, token in tokens.items() if number != _REVOKED}
    before = stored_token(observer, _REVOKED)
    set_status(driver, observer, claimed, _INACTIVE, "inactive")
    set_status(driver, observer, claimed, _REVOKED, "revoked")
    answer = ask(driver, "agents.rotate_key", new_key=asdict(new)).get("reencrypted")
    set_status(driver, observer, claimed, _INACTIVE, "active")
    _expect_all(driver, readable, "a token after its key was changed")
    _expect_all(drivers(token_keys=[new]), readable, "a token with the new key, after a restart")
    if stored_token(observer, _REVOKED) == before:
        raise Violation(
            expected="the stored token of a revoked agent is another after the key was changed",
            actual="it is what it was, so whoever has the old key can read it",
        )
    # The token of a revoked agent may be gone already.
    if answer not in (len(readable), len(tokens)):
        raise Violation(
            expected=f"agents.rotate_key answers that {len(tokens)} tokens were encrypted anew",
            actual=f"it answers {answer!r}",
        )
    return readable


def _expect_repeatable(
    drivers: OpenDriver, tokens: Mapping[int, str], old: TokenKey, new: TokenKey, what: str
) -> None:
    """Expect every token to be there for both keys, and after another try for the new one alone."""
    both = drivers(token_keys=[new, old])
    _expect_all(both, tokens, f"a token with both keys, after changing the key was {what}")
    ask(drivers(token_keys=[old, new]), "agents.rotate_key", new_key=asdict(new))
    _expect_all(drivers(token_keys=[new]), tokens, "a token after changing the key was repeated")
    _expect_none(drivers(token_keys=[old]), tokens, "a token with the key that was changed")


def _expect_forgotten(driver: Driver, behind: Driver) -> None:
    """Expect a changed key to be forgotten, which shows in what a program that missed it stores."""
    ask(driver, "agents.rotate_key", new_key=asdict(new_token_key("key-5")))
    if isinstance(attempt(behind, "agents.register", **registration(_LATEST)), Accepted):
        what = "what another program stored with the old key after it was changed"
        expect_no_token(driver, _LATEST, what)


def _kill_rotation(driver: KillableDriver, meeting: Meeting, new_key: TokenKey) -> None:
    """Kill the program that changes the key while it waits for the row of one of the agents."""
    with ThreadPoolExecutor(1) as pool:
        with meeting.hold(_HOLD, agent_id(2)):
            call = pool.submit(attempt, driver, "agents.rotate_key", new_key=asdict(new_key))
            sessions = meeting.kill_waiting(call, driver.kill)
        meeting.wait_for_end(sessions)


def _terminate_rotation(driver: Driver, meeting: Meeting, new_key: TokenKey) -> None:
    """End the session that changes the key while it waits for the row of one of the agents.

    What the implementation answers to that is its own affair.
    """
    with ThreadPoolExecutor(1) as pool, meeting.hold(_HOLD, agent_id(2)):
        call = pool.submit(attempt, driver, "agents.rotate_key", new_key=asdict(new_key))
        meeting.terminate_waiting(call)
