"""`migrate = "a command"`: what counts as done, as refused, and as a fault."""

from pathlib import Path

import pytest

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import (
    Accepted,
    Implementation,
    Refused,
    Target,
    TokenKey,
    load_implementation,
)
from pytest_chopsticks.implementations.faults import NotClaimed
from tests.implementations.fake_database import FakeDatabase

KEY = TokenKey("k", "ab" * 32)


def implementation(
    root: Path, migrate: str, *, time_limit: float = 30, **env: str
) -> Implementation:
    (root / "db").mkdir(exist_ok=True)
    target = Target(
        root / "chopsticks.toml", "acme", "2.0", migrate, migrations=root / "db", env=env
    )
    return load_implementation(target, token_keys=[KEY], time_limit=time_limit)


def test_it_claims_migrate_and_nothing_else(tmp_path: Path) -> None:
    acme = implementation(tmp_path, "true")
    assert (acme.name, acme.version, acme.language) == ("acme", "2.0", None)
    assert acme.claims == {"migrate"}
    assert not acme.takes_migrations
    with pytest.raises(ImplementationFault, match=r"verify_schema.* not claimed"):
        acme.verify_schema(FakeDatabase())


def test_its_driver_can_migrate_and_nothing_else(tmp_path: Path) -> None:
    acme = implementation(tmp_path, "echo [{token_key}] {migrations}")
    with acme.open(FakeDatabase(), []) as driver:
        outcome = driver.call("migrate", migrations="/edited")
        assert outcome == Accepted(None, "[] /edited")
        with pytest.raises(NotClaimed, match=r"wallets\.credit.* not claimed"):
            driver.call("wallets.credit", user_id="1", amount=1, reason="r")


def test_exit_status_0_is_acceptance(tmp_path: Path) -> None:
    outcome = implementation(tmp_path, "echo applied").migrate(FakeDatabase())
    assert outcome == Accepted(None, "applied")


def test_the_command_is_told_of_the_database_and_masked(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        'printf "%s\\n" "$PGDATABASE" "$MODE" "$DATABASE_URL" "$KEY"; '
        'test "$PGPASSWORD" = p@ss/word; pwd',
        MODE="test",
        KEY="{token_key}",
    )
    outcome = acme.migrate(FakeDatabase())
    assert outcome == Accepted(
        None, f"shop\ntest\npostgresql://owner:***@127.0.0.1:1/shop\n***\n{tmp_path}"
    )


def test_another_exit_status_is_a_refusal_without_a_name(tmp_path: Path) -> None:
    outcome = implementation(tmp_path, "echo 20260101_000000 was edited >&2; exit 1").migrate(
        FakeDatabase()
    )
    assert isinstance(outcome, Refused)
    assert outcome.rejection is None
    assert "ended with exit status 1" in outcome.message
    assert "20260101_000000 was edited" in outcome.report


def test_a_refusal_where_none_is_acceptable_is_a_fault_with_its_report(tmp_path: Path) -> None:
    outcome = implementation(tmp_path, "echo no such role; exit 1").migrate(FakeDatabase())
    with pytest.raises(ImplementationFault, match=r"refused to make the schema:\n.*\n    no such"):
        outcome.expect_accepted("make the schema")


@pytest.mark.parametrize(
    ("command", "message", "hint"),
    [
        ("echo waiting; sleep 600", "did not end within 0.5 s and was stopped", "wait for input"),
        ("echo waiting; kill -SEGV $$", "was ended by SIGSEGV", "crashed"),
        ("echo waiting; sh -c 'kill -9 $$'; exit $?", "was ended by SIGKILL", "crashed"),
        ("echo waiting; no-such-program", "could not be run (exit status 127)", "PATH"),
        ("echo waiting; /etc/passwd", "could not be run (exit status 126)", "executable"),
    ],
)
def test_a_fault_says_what_where_and_what_to_do(
    tmp_path: Path, command: str, message: str, hint: str
) -> None:
    with pytest.raises(ImplementationFault) as raised:
        implementation(tmp_path, command, time_limit=0.5).migrate(FakeDatabase())
    assert f"`{command}`, run in {tmp_path}, {message}" in raised.value.message
    assert "\n    waiting" in raised.value.message
    assert hint in (raised.value.hint or "")


def test_a_fault_shows_no_secret(tmp_path: Path) -> None:
    acme = implementation(tmp_path, "echo {token_key} $PGPASSWORD; exit 127")
    with pytest.raises(ImplementationFault) as raised:
        acme.migrate(FakeDatabase())
    assert "`echo *** $PGPASSWORD; exit 127`" in str(raised.value)
    assert "\n    *** ***" in str(raised.value)


@pytest.mark.parametrize("where", ["migrate", "env"])
def test_another_directory_goes_where_the_placeholder_stands(tmp_path: Path, where: str) -> None:
    edited = tmp_path / "an edited copy"
    acme = (
        implementation(tmp_path, "echo {migrations}")
        if where == "migrate"
        else implementation(tmp_path, 'echo "$DIR"', DIR="{migrations}")
    )
    assert acme.takes_migrations
    assert acme.migrate(FakeDatabase()).output == str(tmp_path / "db")
    assert acme.migrate(FakeDatabase(), edited).output == str(edited)


def test_another_directory_is_never_silently_ignored(tmp_path: Path) -> None:
    with pytest.raises(ImplementationFault, match="cannot be given another migrations directory"):
        implementation(tmp_path, "true").migrate(FakeDatabase(), tmp_path)
