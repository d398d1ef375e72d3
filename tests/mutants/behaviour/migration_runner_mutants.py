"""Migration runners that are broken in one way each: the reference's, with one thing changed."""

from __future__ import annotations

from .reference_variant import Mutant, mutant

_RUNNER, _FILES = "migration_runner.py", "migration_files.py"

_ATOMIC, _KILLED = "migrations.failure-is-atomic", "migrations.killed-runner"
_RESUMED, _EVERY = "migrations.resumed-after-kill", "migrations.from-every-version"
_EDITED, _BYTES = "migrations.edited-file-refused", "migrations.checksum-of-bytes"
_CONCURRENT, _RECORDED = "migrations.concurrent-runners", "migrations.recorded.<version>"

_TRANSACTION = """\
        with connection.transaction():
            _record(connection, migration, _run(connection, migration))
"""
_TRANSACTION_KEPT = (_RUNNER, "if _transaction_id(connection) != transaction:", "if False:")
_NO_TRANSACTION = (
    (
        _RUNNER,
        _TRANSACTION,
        "        _record(connection, migration, _run(connection, migration))\n",
    ),
    _TRANSACTION_KEPT,
)
_RECORD_FIRST = """\
        if migration.file.version != "20260214_000000":
            _record(connection, migration, 0)
        with connection.transaction():
            elapsed = _run(connection, migration)
            if migration.file.version == "20260214_000000":
                _record(connection, migration, elapsed)
"""
_RECORD_AFTERWARDS = """\
        with connection.transaction():
            elapsed = _run(connection, migration)
        _record(connection, migration, elapsed)
"""
_COMMIT_ANYHOW = """\
        thrown = None
        with connection.transaction():
            try:
                _record(connection, migration, _run(connection, migration))
            except RuntimeError as error:
                thrown = error
        if thrown:
            raise thrown
"""
_FAILED = """\
    except Exception as error:
        raise failure(f"{migration.file} failed: {error}") from error
"""
_CONNECTED = """\
    with connect(database) as connection:
        _wait_for_turn(connection)
"""
_CONNECTED_IN_TURN = """\
    import threading

    lock = globals().setdefault("_LOCK", threading.Lock())
    with lock, connect(database) as connection:
"""
_CONNECTION_KEPT = """\
    connection = connect(database)
    globals().setdefault("_KEPT", []).append(connection)
    if True:
        _wait_for_turn(connection)
"""
_LAST = "    return [file.version for file in pending]\n"
_TAKE_LOCK = """\
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK]).fetchone()
    return row == (True,)
"""
_TAKE_LOCK_ROW = """\
    connection.execute("CREATE TABLE IF NOT EXISTS lock_of_migrations (held int PRIMARY KEY)")
    query = "INSERT INTO lock_of_migrations VALUES (1) ON CONFLICT DO NOTHING"
    return connection.execute(query).rowcount == 1
"""
_GIVE_LOCK_ROW_BACK = """\
    with connect(database) as other:
        other.execute("DELETE FROM lock_of_migrations")
"""
_APPLIED_IN_TURN = "            _apply(connection, migration)\n"
_LOST_IS_DONE = """\
            try:
                _apply(connection, migration)
            except Rejection:
                if not connection.closed:
                    raise
                with connect(database) as other:
                    _record(other, migration, 0)
                break
"""
_DIRTY = f"""\
            connection.execute("CREATE TABLE IF NOT EXISTS under_way (version text)")
            if left := connection.execute("SELECT version FROM under_way").fetchone():
                raise failure(f"the database is dirty at version {{left[0]}}: mend it by hand")
            connection.execute("INSERT INTO under_way VALUES (%s)", [migration.file.version])
{_APPLIED_IN_TURN}\
            connection.execute("DELETE FROM under_way")
"""
_LOCK_FILE = f"""\
    lock = directory / ".lock"
    if lock.exists():
        raise failure("another runner is at work: there is a file .lock")
    lock.touch()
{_CONNECTED}"""
_FOREIGN_TABLES = """\
        if not recorded:
            _refuse_foreign_tables(connection)
"""
_PENDING = "        pending = _pending(files, recorded)\n"
_CHECKSUM = "hashlib.sha256(self.content).hexdigest()"
_TEXT = 'hashlib.sha256(self.content.replace(b"\\r\\n", b"\\n")).hexdigest()'
_STRIPPED = "hashlib.sha256(self.content.strip()).hexdigest()"
_WITHOUT_MARK = 'hashlib.sha256(self.content.removeprefix(b"\\xef\\xbb\\xbf")).hexdigest()'
_READ = "    return MigrationFile(path, version, path.read_bytes())\n"
_REFUSED_ENDINGS = """\
    if b"\\r\\n" in path.read_bytes():
        raise failure(f"{path.name} has CR LF")
"""
_MISSING = "        if file is None:\n"
_CONTINUE = "            continue\n"
_REST = "    pending = list(by_version.values())\n"
_ONLY_NEWER = """\
    newest = recorded[-1].version if recorded else ""
    pending = [file for file in by_version.values() if file.version > newest]
"""
_OUT_OF_ORDER = "if recorded and pending and pending[0].version < recorded[-1].version:"
_SORTED = "sorted(map(_read, _candidates(directory)), key=lambda file: file.version)"
_SORTED_BY_NAME = "sorted(map(_read, _candidates(directory)), key=lambda file: file.path.name)"
_MISMATCH = "        if file.checksum != record.checksum:\n"
_INSERTED = """\
(version, description, checksum, execution_time_ms)"
        " VALUES (%s, %s, %s, %s)\
"""
_UP_TO_DATE = 'raise failure("there is nothing to migrate")\n'
_EARLIER = "(SELECT now() - interval '1 minute' * count(*) FROM schema_migrations)"
_NOTHING = ("SELECT 1",)
_WITHOUT_GUARD = ("DROP TRIGGER schema_migrations_never_change ON schema_migrations",)
_SAME_VERSION = 'raise failure(f"{names} have the same version {later.version}")'

_GUARD = "../migrations/20260214_000100_guard_immutable_tables.py"
_UP = "def up(client: Any) -> None:\n"
_FUNCTION_DROPPED = '    client.execute("DROP FUNCTION refuse_change_of_immutable_table()")\n'
_UNLESS_THERE = f"""\
{_UP}    query = "SELECT 1 FROM pg_proc WHERE proname = 'refuse_change_of_immutable_table'"
    if client.execute(query).fetchone():
        return
"""


def _in_the_end(statement: str) -> tuple[str, str, str]:
    """Whatever was pending, a run ends with this."""
    sent = f"        other.execute({statement!r})\n"
    return (_RUNNER, _LAST, f"    with connect(database) as other:\n{sent}{_LAST}")


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "migrations.up-again",
        "a migration that was taken back leaves its function",
        (_GUARD, _FUNCTION_DROPPED, ""),
        says=("up of 20260214_000100_guard", "already exists"),
    ),
    mutant(
        "migrations.up-again",
        "an index without a name is there twice",
        (_GUARD, _UP, f'{_UP}    client.execute("CREATE INDEX ON user_pets (pet_type)")\n'),
        says=("up of 20260214_000100_guard", "the same schema again after down", "pet_type"),
    ),
    mutant(
        "migrations.up-again",
        "what is left of the first time is taken for the whole",
        (_GUARD, _FUNCTION_DROPPED, ""),
        (_GUARD, _UP, _UNLESS_THERE),
        says=("up of 20260214_000100_guard", "the same schema again after down", "trigger"),
    ),
    mutant(
        _ATOMIC,
        "each statement is committed",
        *_NO_TRANSACTION,
        says=("fails after statement 1", "guild_settings", "changes nothing"),
    ),
    mutant(
        _ATOMIC,
        "a migration is recorded before it runs",
        (_RUNNER, _TRANSACTION, _RECORD_FIRST),
        says=("000100_guard", "rows of schema_migrations: 0 row versions are gone, 1 are new"),
    ),
    mutant(
        _ATOMIC,
        "a failure is passed over",
        (_RUNNER, _FAILED, "    except Exception:\n        return\n"),
        says=("stops the run", "the run ends well"),
    ),
    mutant(
        _ATOMIC,
        "what a program has done before its error is committed",
        (_RUNNER, _TRANSACTION, _COMMIT_ANYHOW),
        _TRANSACTION_KEPT,
        says=("throws an error after statement 1", "guild_settings"),
    ),
    mutant(
        _ATOMIC,
        "an error does not say in which migration",
        (_RUNNER, 'f"{migration.file} failed: {error}"', '"a migration failed"'),
        says=("a report that names 20260214_000000", "a migration failed"),
    ),
    mutant(
        _ATOMIC,
        "after a failure the lock is kept",
        (_RUNNER, _CONNECTED, _CONNECTION_KEPT),
        (_RUNNER, _LAST, f"    connection.close()\n{_LAST}"),
        says=("leaves no lock that would keep the next runner waiting", "an advisory lock"),
    ),
    mutant(
        _KILLED,
        "killed, it leaves half a migration",
        *_NO_TRANSACTION,
        says=("sessions were terminated in 20260214_000000", "guild_settings"),
    ),
    mutant(
        _KILLED,
        "killed, it leaves a record of what was not done",
        (_RUNNER, _TRANSACTION, _RECORD_FIRST),
        says=("20260214_000100, which is recorded, is there wholly", "trigger"),
    ),
    mutant(
        _KILLED,
        "killed, it leaves a migration that is not recorded",
        (_RUNNER, _TRANSACTION, _RECORD_AFTERWARDS),
        says=("terminated in 20260214_000100_guard", "before it was recorded", "trigger"),
    ),
    mutant(
        _KILLED,
        "a lost connection is taken for success",
        (_RUNNER, _APPLIED_IN_TURN, _LOST_IS_DONE),
        says=("20260214_000100, which is recorded, is there wholly", "trigger"),
    ),
    mutant(
        _RESUMED,
        "the lock is a row that a killed runner leaves",
        (_RUNNER, _TAKE_LOCK, _TAKE_LOCK_ROW),
        (_RUNNER, _FOREIGN_TABLES, ""),
        (_RUNNER, _LAST, _GIVE_LOCK_ROW_BACK + _LAST),
        says=("the next runner applies what is left", "did not end within"),
    ),
    mutant(
        _RESUMED,
        "what was under way has to be mended by hand",
        (_RUNNER, _APPLIED_IN_TURN, _DIRTY),
        (_RUNNER, _FOREIGN_TABLES, ""),
        says=("the next runner applies what is left", "dirty at version 20260214_000"),
    ),
    mutant(
        _RESUMED,
        "the lock is a file that a killed runner leaves",
        (_RUNNER, _CONNECTED, _LOCK_FILE),
        (_RUNNER, _LAST, f"    lock.unlink()\n{_LAST}"),
        says=("the next runner applies what is left", "there is a file .lock"),
    ),
    mutant(
        _RESUMED,
        "what a killed runner had recorded is never done",
        (_RUNNER, _TRANSACTION, _RECORD_FIRST),
        says=("the next runner ends with the schema of a new database", "trigger"),
    ),
    mutant(
        _CONCURRENT,
        "who finds another at work is done",
        (
            _RUNNER,
            "        _wait_for_turn(connection)\n",
            "        if not _take_lock(connection):\n            return []\n",
        ),
        says=("leaves a database that is migrated", "one ends well"),
    ),
    mutant(
        _EDITED,
        "files are compared after applying",
        (
            _RUNNER,
            _PENDING,
            "        known = {one.version for one in recorded}\n"
            "        pending = [one for one in files if one.version not in known]\n",
        ),
        (
            _RUNNER,
            _APPLIED_IN_TURN,
            f"{_APPLIED_IN_TURN}        _pending(files, recorded)\n",
        ),
        says=("is still to be applied", "changes nothing"),
    ),
    mutant(
        _CONCURRENT,
        "runners do not wait for each other",
        (_RUNNER, "        _wait_for_turn(connection)\n", ""),
        says="3 runners that start at once all end well",
    ),
    mutant(
        _CONCURRENT,
        "who waits leaves a table",
        (
            _RUNNER,
            "        time.sleep(SECONDS_BETWEEN_TRIES)\n",
            "        time.sleep(SECONDS_BETWEEN_TRIES)\n"
            "        waited = f'waited_{connection.info.backend_pid}'\n"
            "        connection.execute(f'CREATE TABLE IF NOT EXISTS {waited} ()')\n",
        ),
        says=("the same schema as by one runner", "waited_"),
    ),
    mutant(
        _CONCURRENT,
        "runners wait for each other within a process only",
        (_RUNNER, _CONNECTED, _CONNECTED_IN_TURN),
        says="3 runners that start at once all end well",
    ),
    mutant(
        _EVERY,
        "a database that has any migration is taken for new",
        (_RUNNER, _PENDING, f"{_PENDING}        pending = [] if recorded else pending\n"),
        says=("from 20260214_000000, with", "trigger"),
    ),
    mutant(
        _EVERY,
        "an older database is refused",
        (
            _RUNNER,
            _PENDING,
            f"{_PENDING}        if recorded and pending:\n"
            '            raise Rejection("invalid_state", "the database is too old")\n',
        ),
        statements=_NOTHING,
        says=("all that is left is applied", "too old"),
    ),
    mutant(
        _EVERY,
        "an older database gets the newest migration first",
        (_RUNNER, _PENDING, f"{_PENDING}        pending = pending[:: -1 if recorded else 1]\n"),
        statements=_NOTHING,
        says=("every migration is applied once, in order", "20990101_000000, 20260214_000100"),
    ),
    mutant(
        _EDITED,
        "an edited file is not noticed",
        (_RUNNER, _MISMATCH, "        if False:\n"),
        says=(
            "the run stops, since",
            "got one more byte",
            "only comments or white space changed",
            "it ends well",
        ),
    ),
    mutant(
        _EDITED,
        "white space around a file is not hashed",
        (_FILES, _CHECKSUM, _STRIPPED),
        says=("got one more byte, a line feed", "it ends well"),
    ),
    mutant(
        _EDITED,
        "other line endings are not noticed",
        (_FILES, _CHECKSUM, _TEXT),
        says=("got other line endings", "it ends well"),
    ),
    mutant(
        _BYTES,
        "the text is hashed",
        (_FILES, _CHECKSUM, _TEXT),
        says=("with other line endings", "which is of the text with LF line endings"),
    ),
    mutant(
        _BYTES,
        "a byte order mark is not hashed",
        (_FILES, _CHECKSUM, _WITHOUT_MARK),
        says="which is of the text without the byte order mark",
    ),
    mutant(
        _BYTES,
        "other line endings are refused",
        (_FILES, _READ, _REFUSED_ENDINGS + _READ),
        says=("a history with other line endings is applied wholly", "has CR LF"),
    ),
    mutant(
        "migrations.deleted-file-noticed",
        "a file that is gone is not noticed",
        (_RUNNER, _MISSING, _MISSING + _CONTINUE),
        says=("which was applied, is gone", "it says: nothing"),
    ),
    mutant(
        "migrations.deleted-file-noticed",
        "only the newest file has to be there",
        (
            _RUNNER,
            _MISSING,
            f"        if file is None and record != recorded[-1]:\n{_CONTINUE}{_MISSING}",
        ),
        says=("20260214_000000", "which was applied, is gone", "it says: nothing"),
    ),
    mutant(
        "migrations.deleted-file-noticed",
        "without any file there is nothing to do",
        (_RUNNER, _CONNECTED, f"    if not files:\n        return []\n{_CONNECTED}"),
        says=("since every file that was applied is gone", "it says: nothing"),
    ),
    mutant(
        "migrations.deleted-file-noticed",
        "files are only counted",
        (
            _RUNNER,
            _MISSING,
            f"        if file is None and len(files) == len(recorded):\n{_CONTINUE}{_MISSING}",
        ),
        says=("was applied and is now 20260214_000101", "already exists"),
    ),
    mutant(
        "migrations.out-of-order-noticed",
        "an older file is applied",
        (_RUNNER, _OUT_OF_ORDER, "if False:"),
        says=("is older than the newest applied", "it says: nothing"),
    ),
    mutant(
        "migrations.out-of-order-noticed",
        "an older file is passed over",
        (_RUNNER, _REST, _ONLY_NEWER),
        says=("is older than the newest applied", "it says: nothing"),
    ),
    mutant(
        "migrations.out-of-order-noticed",
        "only what is older than the first is looked for",
        (_RUNNER, _OUT_OF_ORDER, _OUT_OF_ORDER.replace("recorded[-1]", "recorded[0]")),
        says=("is older than the newest applied", "it says: nothing"),
    ),
    mutant(
        "migrations.duplicate-version-noticed",
        "of two files with one version the last counts",
        (_FILES, "    _refuse_double_versions(files)\n", ""),
        (_FILES, _SORTED, _SORTED_BY_NAME),
        says=("a second file has the version of", "it says: nothing"),
    ),
    mutant(
        "migrations.duplicate-version-noticed",
        "only two files of the newest version are noticed",
        (_FILES, "pairwise(files)", "pairwise(files[-2:])"),
        (_FILES, _SORTED, _SORTED_BY_NAME),
        says=("a second file has the version of 20260214_000000", "it says: nothing"),
    ),
    mutant(
        "migrations.duplicate-version-noticed",
        "it is not said which version is there twice",
        (_FILES, _SAME_VERSION, 'raise failure("two files have the same version")'),
        says=("a report that names 20260214_000", "it says:", "two files have the same version"),
    ),
    mutant(
        "migrations.repeatable",
        "that there is nothing to do is an error",
        (_RUNNER, _PENDING, f"{_PENDING}        if not pending:\n            {_UP_TO_DATE}"),
        says="migrating a migrated database is accepted",
    ),
    mutant(
        "migrations.repeatable",
        "every run leaves a word in the audit log",
        (
            _RUNNER,
            _LAST,
            '    with connect(database) as other:\n        other.execute("INSERT INTO audit_log'
            " (guild_id, user_id, action) VALUES ('', '', 'migrated')\")\n" + _LAST,
        ),
        says=("migrating again changes nothing", "rows of audit_log"),
    ),
    mutant(
        "migrations.repeatable",
        "every run adds an index without a name",
        _in_the_end("CREATE INDEX ON user_pets (pet_type)"),
        says=("migrating again changes nothing", "pet_type"),
    ),
    mutant(
        "migrations.repeatable",
        "every run writes the default pool anew",
        _in_the_end(
            "INSERT INTO agent_pools (pool_id, owner_user_id, name, created_at, updated_at)"
            " VALUES ('pool_goot27', '', '', 0, 0)"
            " ON CONFLICT (pool_id) DO UPDATE SET name = EXCLUDED.name"
        ),
        says=("migrating again changes nothing", "rows of agent_pools: 1 row versions are gone"),
    ),
    mutant(
        "migrations.repeatable",
        "every run mends what may be missing in settings",
        _in_the_end('UPDATE guild_settings SET data = \'{"prefix": "!"}\' || data'),
        says=("migrating again changes nothing", "rows of guild_settings: 3 row versions are gone"),
    ),
    mutant(
        "migrations.records-never-change",
        "every run notes when it was",
        _in_the_end(
            "UPDATE schema_migrations SET applied_at = now()"
            " WHERE version = (SELECT max(version) FROM schema_migrations)"
        ),
        statements=_WITHOUT_GUARD,
        says=("no row of schema_migrations is updated or deleted", "1 of 3 rows"),
    ),
    mutant(
        "migrations.records-never-change",
        "every run writes all records anew",
        _in_the_end(
            "WITH old AS (DELETE FROM schema_migrations RETURNING *)"
            " INSERT INTO schema_migrations SELECT * FROM old"
        ),
        statements=_WITHOUT_GUARD,
        says=("no row of schema_migrations is updated or deleted", "3 of 3 rows"),
    ),
    mutant(
        _RECORDED,
        "the time that a migration took is negative",
        (_RUNNER, "checksum, execution_time_ms]", "checksum, -1 - execution_time_ms]"),
        says="execution_time_ms is NULL or not negative",
    ),
    mutant(
        _RECORDED,
        "versions are recorded as numbers",
        (_RUNNER, "[file.version, migration", '[file.version.replace("_", ""), migration'),
        says=("one row of schema_migrations with version", "there are: 20260214000000"),
    ),
    mutant(
        _RECORDED,
        "the last was applied first",
        (
            _RUNNER,
            _INSERTED,
            _INSERTED.replace("_ms)", "_ms, applied_at)").replace("%s)", f"%s, {_EARLIER})"),
        ),
        says="was applied after every earlier version",
    ),
    mutant(
        _RECORDED,
        "the MD5 is recorded",
        (_FILES, _CHECKSUM, "hashlib.md5(self.content).hexdigest()"),
        says="the SHA-256 of the bytes of 20260214_000000_schema_1_0_0.py",
    ),
    mutant(
        _RECORDED,
        "the descriptions are empty",
        (_RUNNER, "migration.description, file", '"", file'),
        says="a description of 20260214_000000",
    ),
)
