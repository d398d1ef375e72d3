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
_FOREIGN_TABLES = """\
        if not recorded:
            _refuse_foreign_tables(connection)
"""
_PENDING = "        pending = _pending(files, recorded)\n"
_CHECKSUM = "hashlib.sha256(self.content).hexdigest()"
_TEXT = 'hashlib.sha256(self.content.replace(b"\\r\\n", b"\\n")).hexdigest()'
_STRIPPED = "hashlib.sha256(self.content.strip()).hexdigest()"
_WITHOUT_MARK = 'hashlib.sha256(self.content.removeprefix(b"\\xef\\xbb\\xbf")).hexdigest()'
_MISSING = "        if file is None:\n"
_OUT_OF_ORDER = "if recorded and pending and pending[0].version < recorded[-1].version:"
_SORTED = "sorted(map(_read, _candidates(directory)), key=lambda file: file.version)"
_SORTED_BY_NAME = "sorted(map(_read, _candidates(directory)), key=lambda file: file.path.name)"
_MISMATCH = "        if file.checksum != record.checksum:\n"
_NOTHING = ("SELECT 1",)

_GUARD = "../migrations/20260214_000100_guard_immutable_tables.py"

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "migrations.up-again",
        "a migration that was taken back leaves its function",
        (_GUARD, '    client.execute("DROP FUNCTION refuse_change_of_immutable_table()")\n', ""),
        says=("up of 20260214_000100_guard", "already exists"),
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
        _RESUMED,
        "the lock is a row that a killed runner leaves",
        (_RUNNER, _TAKE_LOCK, _TAKE_LOCK_ROW),
        (_RUNNER, _FOREIGN_TABLES, ""),
        (_RUNNER, _LAST, _GIVE_LOCK_ROW_BACK + _LAST),
        says=("the next runner applies what is left", "did not end within"),
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
        "migrations.deleted-file-noticed",
        "a file that is gone is not noticed",
        (_RUNNER, _MISSING, f"{_MISSING}            continue\n"),
        says=("which was applied, is gone", "it says: nothing"),
    ),
    mutant(
        "migrations.out-of-order-noticed",
        "an older file is applied",
        (_RUNNER, _OUT_OF_ORDER, "if False:"),
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
        _RECORDED,
        "the time that a migration took is negative",
        (_RUNNER, "checksum, execution_time_ms]", "checksum, -1 - execution_time_ms]"),
        says="execution_time_ms is NULL or not negative",
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
