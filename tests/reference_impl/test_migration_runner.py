"""The reference runner: what it applies, what it records, what it refuses."""

import hashlib
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reference_impl import Implementation
from reference_impl.database import Database
from reference_impl.migration_runner import ADVISORY_LOCK

from .rejected import rejected

CANONICAL = Path(__file__).parents[2] / "migrations"
VERSIONS = ["20260214_000000", "20260214_000100"]
GUARDS = "20260214_000100_guard_immutable_tables.py"

Migrate = Callable[[], list[str]]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the canonical migrations that a test may spoil."""
    shutil.copytree(CANONICAL, tmp_path / "migrations")
    return tmp_path / "migrations"


@pytest.fixture
def migrate(database: Database, directory: Path) -> Migrate:
    return lambda: Implementation(database).migrate(str(directory))["applied"]


def write(directory: Path, name: str, *statements: str) -> Path:
    lines = [f"    client.execute({statement!r})" for statement in statements]
    file = directory / name
    file.write_text("description = 'Test'\ndef up(client):\n    pass\n" + "\n".join(lines))
    return file


def rows(database: Database, query: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.dsn) as connection:
        return connection.execute(query).fetchall()


def recorded(database: Database) -> list[str]:
    query = "SELECT version FROM schema_migrations ORDER BY applied_at"
    return [version for (version,) in rows(database, query)]


def tables(database: Database) -> set[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return {name for (name,) in rows(database, query)}


def test_an_empty_database_gets_every_migration(database: Database) -> None:
    assert Implementation(database).migrate() == {"applied": VERSIONS}


def test_each_migration_is_recorded_in_order(database: Database, migrate: Migrate) -> None:
    migrate()

    assert recorded(database) == VERSIONS


def test_a_record_holds_description_checksum_and_duration(
    database: Database, directory: Path, migrate: Migrate
) -> None:
    migrate()

    record = rows(
        database,
        "SELECT description, checksum, execution_time_ms >= 0 FROM schema_migrations"
        " ORDER BY version DESC LIMIT 1",
    )
    checksum = hashlib.sha256((directory / GUARDS).read_bytes()).hexdigest()
    description = "Refuse UPDATE, DELETE and TRUNCATE of schema_migrations and transaction_log"
    assert record == [(description, checksum, True)]


def test_a_repeated_run_does_not_even_touch_a_row(database: Database, migrate: Migrate) -> None:
    migrate()
    query = "SELECT ctid, xmin, * FROM schema_migrations ORDER BY version"
    before = rows(database, query)

    assert migrate() == []

    assert rows(database, query) == before


def test_only_what_is_pending_is_applied(
    database: Database, directory: Path, migrate: Migrate
) -> None:
    migrate()
    write(directory, "20260301_120000_notes.py", "CREATE TABLE notes (id int)")

    assert migrate() == ["20260301_120000"]

    assert "notes" in tables(database)


def test_an_empty_directory_has_nothing_to_apply(database: Database, tmp_path: Path) -> None:
    assert Implementation(database).migrate(str(tmp_path)) == {"applied": []}


def test_loading_leaves_no_bytecode_in_the_directory(directory: Path, migrate: Migrate) -> None:
    before = sorted(directory.iterdir())

    migrate()

    assert sorted(directory.iterdir()) == before


def edit(directory: Path) -> None:
    with (directory / GUARDS).open("ab") as file:
        file.write(b"\n")


def delete(directory: Path) -> None:
    (directory / GUARDS).unlink()


def insert_older(directory: Path) -> None:
    write(directory, "20260214_000050_late.py")


@pytest.mark.parametrize(
    ("spoil", "name", "message"),
    [
        (edit, "checksum_mismatch", rf"{GUARDS} was edited .* 20260214_000100"),
        (delete, "missing_file", r"20260214_000100 \(Refuse .* no file"),
        (insert_older, "out_of_order", r"20260214_000050_late\.py .* 20260214_000100"),
    ],
)
def test_files_that_contradict_the_records_stop_the_run(
    database: Database,
    directory: Path,
    migrate: Migrate,
    spoil: Callable[[Path], None],
    name: str,
    message: str,
) -> None:
    """Nothing is applied, not even a new migration that has nothing wrong with it."""
    migrate()
    write(directory, "20260301_120000_notes.py", "CREATE TABLE notes (id int)")
    spoil(directory)

    with rejected(name, match=message):
        migrate()

    assert recorded(database) == VERSIONS
    assert "notes" not in tables(database)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("20260214_000100_again.py", "20260214_000100_again.py and .* same version"),
        ("20260230_000000_february.py", "20260230_000000 is not a date and time"),
        ("20260301_246000_late.py", "20260301_246000 is not a date and time"),
        ("20260301_120000.py", "not a migration's name"),
        ("2026-03-01_notes.py", "not a migration's name"),
        ("20260301_120000_notes.sql", "not a migration's name"),
        ("notes.py", "not a migration's name"),
    ],
)
def test_a_wrong_file_name_is_refused_before_anything_runs(
    database: Database, directory: Path, migrate: Migrate, name: str, message: str
) -> None:
    write(directory, name)

    with rejected("migration_failed", match=message):
        migrate()

    assert tables(database) == set()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("description = 'x'\ndef up(client:", r"cannot be loaded: SyntaxError"),
        ("import no_such_module", r"cannot be loaded: ModuleNotFoundError"),
        ("description = 'x'", r"has no up"),
        ("description = 'x'\nup = 1", r"has no up"),
        ("description = 'x'\nasync def up(client): ...", r"has no up"),
        ("def up(client): ...", r"has no description"),
        ("description = ' '\ndef up(client): ...", r"has no description"),
    ],
)
def test_a_file_without_a_migration_in_it_is_refused_before_anything_runs(
    database: Database, directory: Path, migrate: Migrate, source: str, message: str
) -> None:
    (directory / "20260301_120000_notes.py").write_text(source)

    with rejected("migration_failed", match=rf"20260301_120000_notes\.py\) {message}"):
        migrate()

    assert tables(database) == set()


def test_a_missing_directory_is_named(database: Database, tmp_path: Path) -> None:
    with rejected("migration_failed", match=r"no migrations directory .*nowhere"):
        Implementation(database).migrate(str(tmp_path / "nowhere"))


def test_a_failing_migration_is_undone_and_ends_the_run(
    database: Database, directory: Path, migrate: Migrate
) -> None:
    """Earlier ones stay, later ones are not tried, the message is the database's."""
    write(directory, "20260301_120000_bad.py", "CREATE TABLE notes (id int)", "SELECT 1 / 0")
    write(directory, "20260301_130000_later.py", "CREATE TABLE later (id int)")

    with rejected("migration_failed", match=r"120000 \(20260301_120000_bad\.py\).*by zero"):
        migrate()

    assert recorded(database) == VERSIONS
    assert tables(database).isdisjoint({"notes", "later"})


def test_a_constraint_that_fails_at_commit_is_a_failed_migration(
    database: Database, directory: Path, migrate: Migrate
) -> None:
    write(
        directory,
        "20260301_120000_deferred.py",
        "CREATE TABLE notes (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO notes VALUES (1), (1)",
    )

    with rejected("migration_failed", match=r"20260301_120000.*duplicate key"):
        migrate()

    assert recorded(database) == VERSIONS


def test_a_migration_that_commits_by_itself_is_not_recorded(
    database: Database, directory: Path, migrate: Migrate
) -> None:
    write(directory, "20260301_120000_commits.py", "COMMIT", "BEGIN")

    with rejected("migration_failed", match=r"20260301_120000.* ended the transaction"):
        migrate()

    assert recorded(database) == VERSIONS


def test_a_failed_migration_can_be_corrected_and_run_again(
    database: Database, directory: Path, migrate: Migrate
) -> None:
    """Even where the connection was lost: the server gives the lock back."""
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    file = write(directory, "20260301_120000_notes.py", kill)
    with rejected("migration_failed"):
        migrate()
    write(directory, file.name, "CREATE TABLE notes (id int)")

    assert migrate() == ["20260301_120000"]


def test_tables_of_unknown_origin_are_refused(database: Database, migrate: Migrate) -> None:
    with psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE legacy (id int)")

    with rejected("migration_failed", match=r"has tables \(legacy\) but no record"):
        migrate()

    assert tables(database) == {"legacy"}


def test_an_empty_record_does_not_vouch_for_tables(database: Database, migrate: Migrate) -> None:
    with psycopg.connect(database.dsn) as connection:
        connection.execute(
            "CREATE TABLE schema_migrations (version text, description text, checksum text)"
        )

    with rejected("migration_failed", match=r"has tables \(schema_migrations\) but no record"):
        migrate()


def test_of_concurrent_runners_each_migration_is_applied_by_one(
    database: Database, migrate: Migrate
) -> None:
    together = threading.Barrier(4)

    def run() -> list[str]:
        together.wait()
        return migrate()

    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(run) for _ in range(4)]

    assert sorted(version for run_ in runs for version in run_.result()) == VERSIONS
    assert recorded(database) == VERSIONS


def test_a_waiting_runner_does_not_hold_up_concurrent_index_builds(
    database: Database, migrate: Migrate
) -> None:
    migrate()
    with psycopg.connect(database.dsn, autocommit=True) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        waiting = pool.submit(migrate)
        try:
            while not waiting.done() and not another_session_waits(holder):
                pass
            holder.execute("CREATE INDEX CONCURRENTLY ON user_pets (name)")
        finally:
            holder.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])

        assert waiting.result() == []


def another_session_waits(connection: psycopg.Connection) -> bool:
    tried = (
        "SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND query LIKE '%advisory_lock%'"
    )
    return connection.execute(tried).fetchone() is not None
