"""Other ways to run migrations, as good as the reference: none may be found fault with."""

from __future__ import annotations

from .reference_variant import Variant, correct

_RUNNER, _FILES = "migration_runner.py", "migration_files.py"

_WAIT = """\
    while not _take_lock(connection):
        time.sleep(SECONDS_BETWEEN_TRIES)
"""
_WAIT_IN_SERVER = """\
    connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
"""
_TAKE_LOCK = """\
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK]).fetchone()
    return row == (True,)
"""
_LOCK_TABLE = """\
    from psycopg import errors

    ALREADY_THERE = (errors.DuplicateObject, errors.DuplicateTable)

    try:
        connection.execute("CREATE SCHEMA IF NOT EXISTS own")
        connection.execute("CREATE TABLE IF NOT EXISTS own.lock_of_migrations ()")
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE own.lock_of_migrations NOWAIT")
    except (errors.LockNotAvailable, errors.UniqueViolation, *ALREADY_THERE):
        connection.execute("ROLLBACK")
        return False
    return True
"""
_CONNECTED = "    with connect(database) as connection:\n"
_TWO_CONNECTED = "    with connect(database) as waiting, connect(database) as connection:\n"
_TURN = "        _wait_for_turn(connection)\n"
_LOOP = """\
        for migration in migrations:
            _apply(connection, migration)
"""
_LOOP_IN_ONE = """\
        with connection.transaction():
            for migration in migrations:
                _apply(connection, migration)
"""
_TIME = "file.checksum, execution_time_ms]"
_APPLIED_AT_START = """\
        "INSERT INTO schema_migrations (version, description, checksum, execution_time_ms)"
        " VALUES (%s, %s, %s, %s)",
"""
_APPLIED_AT_END = """\
        "INSERT INTO schema_migrations"
        " (version, description, checksum, execution_time_ms, applied_at)"
        " VALUES (%s, %s, %s, %s, clock_timestamp())",
"""
_READ = "    return MigrationFile(path, version, path.read_bytes())\n"
_READ_WITHOUT_MARK = """\
    if path.read_bytes().startswith(b"\\xef\\xbb\\xbf"):
        raise failure(f"{path.name} ({version}) begins with a byte order mark")
"""

CORRECT: tuple[Variant, ...] = (
    correct("runners wait inside the server", (_RUNNER, _WAIT, _WAIT_IN_SERVER)),
    correct(
        "a table is locked NOWAIT and tried again",
        (_RUNNER, _CONNECTED, _TWO_CONNECTED),
        (_RUNNER, _TURN, "        _wait_for_turn(waiting)\n"),
        (_RUNNER, _TAKE_LOCK, _LOCK_TABLE),
    ),
    correct("all that is pending in one transaction", (_RUNNER, _LOOP, _LOOP_IN_ONE)),
    correct("the time taken is not recorded", (_RUNNER, _TIME, "file.checksum, None]")),
    correct("applied_at is when it ended", (_RUNNER, _APPLIED_AT_START, _APPLIED_AT_END)),
    correct("a byte order mark is refused", (_FILES, _READ, _READ_WITHOUT_MARK + _READ)),
)
