"""Templates from one run to the next, in the saved state of a server that goes with the run.

Only templates last whose fingerprints cover all that shapes them: their names hold the fingerprint
and not the run, so that a later run finds them. Everything else that a run made is removed before
the state is saved, and if it has left anything in what all databases share, nothing is saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.dropping import drop_database
from pytest_chopsticks.databases.file_copying import copy_strategy
from pytest_chopsticks.databases.role import OWNER, Role, reset_role
from pytest_chopsticks.servers.server import SavedCluster, Server

#: How many templates are saved; those that were made last.
SAVED_AT_MOST = 4

_PREFIX = "chopsticks_template_"
_MARK = "saved by pytest-chopsticks"
_OWN = ("template0", "template1")

_TEMPLATES = """
SELECT datname, shobj_description(oid, 'pg_database') IS NOT DISTINCT FROM %s
FROM pg_database WHERE datistemplate AND starts_with(datname, %s) ORDER BY oid DESC
"""

# Only a superuser can have done these; a test may be one by `Database.observe()`.
_SPOILT = """
SELECT EXISTS (SELECT FROM pg_authid WHERE oid >= 16384 AND rolname <> %(owner)s)
    OR EXISTS (SELECT FROM pg_auth_members WHERE greatest(roleid, member) >= 16384)
    OR EXISTS (SELECT FROM pg_db_role_setting)
    OR EXISTS (SELECT FROM pg_tablespace WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_shdescription
               WHERE objoid >= 16384 AND description IS DISTINCT FROM %(mark)s)
    OR EXISTS (SELECT FROM pg_shseclabel)
    OR EXISTS (SELECT FROM pg_subscription)
    OR EXISTS (SELECT FROM pg_replication_origin)
    OR EXISTS (SELECT FROM pg_file_settings WHERE sourcefile LIKE '%%/postgresql.auto.conf')
"""


def lasting_name(fingerprint: str) -> str:
    """The name of a template that may outlive its run."""
    return f"{_PREFIX}{fingerprint[:32]}"


@contextmanager
def lasting_templates(server: Server, saved: SavedCluster) -> Iterator[None]:
    """At the end, if the run made a template that lasts, leave the server ready to be saved."""
    yield
    # It may be gone already; then there is nothing to save.
    with suppress(psycopg.Error):
        if saved.possible:
            database = Database("template1", server, Role(server.user, server.password))
            with database.observe(autocommit=True) as connection:
                saved.ready = _left_ready(connection, server)


def _left_ready(connection: psycopg.Connection[Any], server: Server) -> bool:
    templates = connection.execute(_TEMPLATES, [_MARK, _PREFIX]).fetchall()
    if all(known for _, known in templates):
        return False
    lasting = [name for name, _ in templates[:SAVED_AT_MOST]]
    _drop_all_but(connection, server, lasting)
    reset_role(connection)
    for name in lasting:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Literal(_MARK)))
    spoilt = connection.execute(_SPOILT, {"owner": OWNER, "mark": _MARK}).fetchone()
    return spoilt == (False,)


def _drop_all_but(connection: psycopg.Connection[Any], server: Server, lasting: list[str]) -> None:
    """Also the database `postgres`, which anyone may write to; a new one takes its place."""
    for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
        if name not in (*lasting, *_OWN):
            drop_database(connection, name)
    # Copied as files it stays equal to its template file by file, and takes no room when saved.
    strategy = copy_strategy(server)
    connection.execute(f"CREATE DATABASE postgres TEMPLATE template0{strategy}".encode())
