"""Tokens at rest: what is stored, what is refused, and how a key is replaced."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.databases import Database
from reference_impl import Implementation
from reference_impl.agents import TOKEN_LOCK, Agents
from reference_impl.tokens import TokenKey

from .concurrency import answers
from .conftest import Observer
from .rejected import rejected

AGENT, OTHER = "agent175928847299117063", "agent275928847299117063"
TOKEN = "MTc1OTI4ODQ3Mjk5MTE3MDYz.GfG3bs.c2VjcmV0LXRva2VuLWZvci10ZXN0cw"
NEW_KEY = {"id": "key-2", "key": "22" * 32}


@pytest.fixture
def agents(implementation: Implementation) -> Agents:
    return implementation.agents


def register(agents: Agents, agent_id: str, token: str) -> None:
    agents.register(agent_id=agent_id, token=token, client_id=agent_id[5:], tag="Agent#1")


def stored_tokens(observer: Observer) -> dict[str, str]:
    return dict(observer.rows("SELECT agent_id, token FROM agent_bots"))


@pytest.mark.parametrize("token", [TOKEN, "", "x", "'; DROP TABLE agent_bots; --", "🥢" * 400])
def test_a_token_comes_back(agents: Agents, observer: Observer, token: str) -> None:
    register(agents, AGENT, token)

    assert agents.token(agent_id=AGENT) == {"token": token}
    assert len(token) < 2 or token not in stored_tokens(observer)[AGENT]


def test_a_token_longer_than_its_unique_index_can_hold_is_refused(
    agents: Agents, observer: Observer
) -> None:
    with rejected("invalid_text"):
        register(agents, AGENT, "x" * 10_000)

    assert stored_tokens(observer) == {}


def test_no_changed_character_of_the_stored_value_is_accepted(
    agents: Agents, observer: Observer, token_key: dict[str, str]
) -> None:
    """Every one, replaced by every other that base64url, its padding and its separator have."""
    register(agents, AGENT, TOKEN)
    stored = stored_tokens(observer)[AGENT]
    key = TokenKey.from_hex(token_key)
    assert key.open(stored, AGENT) == TOKEN

    for position, original in enumerate(stored):
        for replacement in {*"ABab01.-_=+/ \n", chr(ord(original) ^ 1), ""} - {original}:
            changed = stored[:position] + replacement + stored[position + 1 :]
            assert key.open(changed, AGENT) is None, (position, replacement)
    for addition in ("=", "A", ".", "\n", "AAAA"):
        assert key.open(stored + addition, AGENT) is None


@pytest.mark.parametrize("stored", ["", ".", "v1", "v1...", TOKEN, "v1.a2V5LTE..", "\u00e9.\u00e9"])
def test_what_is_no_sealed_token_is_unreadable(
    agents: Agents, observer: Observer, stored: str
) -> None:
    register(agents, AGENT, TOKEN)
    observer.execute("UPDATE agent_bots SET token = %s", stored)

    with rejected("token_unreadable"):
        agents.token(agent_id=AGENT)


def test_a_token_is_bound_to_its_row(agents: Agents, observer: Observer) -> None:
    register(agents, AGENT, TOKEN)
    observer.execute("UPDATE agent_bots SET agent_id = %s", OTHER)

    with rejected("token_unreadable"):
        agents.token(agent_id=OTHER)


def test_equal_tokens_are_stored_differently(token_key: dict[str, str]) -> None:
    """Under one key they share the fingerprint, under two keys nothing but the version."""
    one, other = TokenKey.from_hex(token_key), TokenKey.from_hex(NEW_KEY)

    first, again, elsewhere = (
        sealed.split(".")
        for sealed in (one.seal(TOKEN, AGENT), one.seal(TOKEN, AGENT), other.seal(TOKEN, AGENT))
    )

    assert first[:3] == again[:3]
    assert first[3] != again[3]
    assert {*first} & {*elsewhere} == {"v1"}


def test_a_duplicate_token_is_refused(agents: Agents, observer: Observer) -> None:
    register(agents, AGENT, TOKEN)

    with rejected("duplicate_token"):
        register(agents, OTHER, TOKEN)

    assert set(stored_tokens(observer)) == {AGENT}


def test_of_concurrent_registrations_of_one_token_one_wins(
    agents: Agents, migrated_database: Database, token_key: dict[str, str]
) -> None:
    """From several processes as well, which share no lock but the database's."""
    others = [Implementation(migrated_database, [token_key]) for _ in range(8)]

    answered = answers(
        [partial(register, other.agents, f"agent{n}", TOKEN) for n, other in enumerate(others)]
    )

    for other in others:
        other.close()
    assert sorted(answered, key=str) == [None, *["duplicate_token"] * 7]


def test_another_key_reads_nothing(agents: Agents, migrated_database: Database) -> None:
    """Not even one that is called the same."""
    register(agents, AGENT, TOKEN)
    other = Implementation(migrated_database, [{"id": "key-1", "key": "33" * 32}])

    with rejected("token_unreadable"):
        other.agents.token(agent_id=AGENT)

    other.close()


def test_without_a_key_nothing_is_stored(migrated_database: Database, observer: Observer) -> None:
    keyless = Implementation(migrated_database, [])

    with rejected("key_missing"):
        register(keyless.agents, AGENT, TOKEN)

    assert stored_tokens(observer) == {}
    keyless.close()


def test_a_revoked_agents_token_is_not_read(agents: Agents) -> None:
    register(agents, AGENT, TOKEN)
    agents.set_status(agent_id=AGENT, status="revoked")

    with rejected("revoked"):
        agents.token(agent_id=AGENT)


def test_an_unknown_agent_has_no_token(agents: Agents) -> None:
    with rejected("unknown_agent"):
        agents.token(agent_id=AGENT)


def test_no_error_and_no_representation_shows_a_secret(
    agents: Agents, token_key: dict[str, str]
) -> None:
    register(agents, AGENT, TOKEN)
    shown = [repr(TokenKey.from_hex(token_key)), repr(vars(agents))]
    for token, name in (
        (TOKEN, "duplicate_token"),
        (TOKEN + "\0", "invalid_text"),
        (TOKEN + "\ud800", "invalid_text"),
    ):
        with rejected(name) as refused:
            register(agents, OTHER, token)
        shown.append(str(refused.value))
    with pytest.raises(ValueError, match="key-3") as malformed:
        agents.rotate_key(new_key={"id": "key-3", "key": "11" * 31 + "xx"})
    shown.append(str(malformed.value))

    assert TOKEN not in "".join(shown)
    assert "1111" not in "".join(shown)


def test_rotation_moves_every_token_to_the_new_key(
    agents: Agents, migrated_database: Database, token_key: dict[str, str]
) -> None:
    """A revoked agent's too: it is stored all the same."""
    for number in range(20):
        register(agents, f"agent{number}", f"token {number}")
    agents.set_status(agent_id="agent0", status="revoked")

    assert agents.rotate_key(new_key=NEW_KEY) == {"reencrypted": 20}

    agents.set_status(agent_id="agent0", status="active")
    fresh = Implementation(migrated_database, [NEW_KEY])
    old = Implementation(migrated_database, [token_key])
    for number in range(20):
        assert agents.token(agent_id=f"agent{number}") == {"token": f"token {number}"}
        assert fresh.agents.token(agent_id=f"agent{number}") == {"token": f"token {number}"}
        with rejected("token_unreadable"):
            old.agents.token(agent_id=f"agent{number}")
    fresh.close()
    old.close()


def test_rotation_forgets_the_old_key(agents: Agents, observer: Observer) -> None:
    register(agents, AGENT, TOKEN)
    under_the_old_key = stored_tokens(observer)[AGENT]
    agents.rotate_key(new_key=NEW_KEY)
    observer.execute("UPDATE agent_bots SET token = %s", under_the_old_key)

    with rejected("token_unreadable"):
        agents.token(agent_id=AGENT)


def test_a_new_key_may_have_the_old_ones_id(agents: Agents) -> None:
    register(agents, AGENT, TOKEN)

    assert agents.rotate_key(new_key={"id": "key-1", "key": "44" * 32}) == {"reencrypted": 1}

    assert agents.token(agent_id=AGENT) == {"token": TOKEN}


def test_a_duplicate_is_found_across_keys(
    agents: Agents, migrated_database: Database, token_key: dict[str, str]
) -> None:
    """Between the restart with both keys and the rotation, and after the rotation."""
    register(agents, AGENT, TOKEN)
    both = Implementation(migrated_database, [NEW_KEY, token_key])

    with rejected("duplicate_token"):
        register(both.agents, OTHER, TOKEN)
    both.agents.rotate_key(new_key=NEW_KEY)
    with rejected("duplicate_token"):
        register(both.agents, OTHER, TOKEN)

    both.close()


def test_rotation_leaves_what_it_cannot_read_and_says_so(
    agents: Agents, observer: Observer, caplog: pytest.LogCaptureFixture
) -> None:
    register(agents, AGENT, TOKEN)
    register(agents, OTHER, "damaged")
    observer.execute("UPDATE agent_bots SET token = 'damaged' WHERE agent_id = %s", OTHER)

    assert agents.rotate_key(new_key=NEW_KEY) == {"reencrypted": 1}

    assert stored_tokens(observer)[OTHER] == "damaged"
    assert OTHER in caplog.text


def test_tokens_registered_while_keys_rotate_are_readable(agents: Agents) -> None:
    keys = [{"id": f"key-{n}", "key": f"{n:02}" * 32} for n in range(2, 6)]
    registrations = [partial(register, agents, f"agent{n}", f"token {n}") for n in range(40)]
    rotations = [partial(agents.rotate_key, key) for key in keys]
    calls: list[Any] = [*registrations[:10], rotations[0], *registrations[10:20], rotations[1]]
    calls += [*registrations[20:30], rotations[2], *registrations[30:], rotations[3]]

    answers(calls)

    for number in range(40):
        assert agents.token(agent_id=f"agent{number}") == {"token": f"token {number}"}


@pytest.mark.parametrize("cut_at", ["the lock", "the first update"])
def test_a_rotation_that_is_killed_loses_nothing_and_can_be_repeated(
    agents: Agents,
    observer: Observer,
    migrated_database: Database,
    token_key: dict[str, str],
    cut_at: str,
) -> None:
    for number in range(200):
        register(agents, f"agent{number}", f"token {number}")
    observer.execute("BEGIN")
    if cut_at == "the lock":
        observer.execute("SELECT pg_advisory_xact_lock(%s)", TOKEN_LOCK)
    else:
        observer.execute("SELECT 1 FROM agent_bots WHERE agent_id = 'agent99' FOR SHARE")

    _start_and_kill_rotation(migrated_database, token_key, observer)

    observer.execute("COMMIT")
    for keys in ([token_key], [NEW_KEY, token_key]):
        restarted = Implementation(migrated_database, keys)
        for number in range(200):
            answer = restarted.agents.token(agent_id=f"agent{number}")
            assert answer == {"token": f"token {number}"}
        if len(keys) == 2:
            assert restarted.agents.rotate_key(new_key=NEW_KEY) == {"reencrypted": 200}
            assert restarted.agents.token(agent_id="agent0") == {"token": "token 0"}
        restarted.close()


def _start_and_kill_rotation(
    database: Database, token_key: dict[str, str], observer: Observer
) -> None:
    initialize = {"protocol": 1, "database": {"url": database.dsn}, "token_keys": [token_key]}
    requests = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": initialize},
        {"jsonrpc": "2.0", "id": 2, "method": "agents.rotate_key", "params": {"new_key": NEW_KEY}},
    ]
    driver = subprocess.Popen(
        [sys.executable, "-m", "reference_impl"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    with driver:
        assert driver.stdin
        driver.stdin.write("".join(json.dumps(request) + "\n" for request in requests).encode())
        driver.stdin.flush()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not observer.rows(waiting) and driver.poll() is None:
            # Within its own transaction the observer would see the same activity for ever.
            observer.execute("SELECT pg_stat_clear_snapshot()")
        driver.kill()
