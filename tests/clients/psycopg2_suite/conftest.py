"""Goes next to the tests of psycopg2: their connection string is that of the test's own database.

They take it from the environment once, when they are imported, and hand it to each other by name.
They are made for one database that all of them use, so that none would notice what another left:
that each begins with nothing is looked at here.
"""

from __future__ import annotations

import sys

import pytest

from pytest_chopsticks import Database

#: What tests make, as far as it is no part of hstore.
LEFT = """
SELECT 'relation ' || relname FROM pg_class WHERE oid >= 16384
UNION ALL
SELECT 'type ' || typname FROM pg_type WHERE oid >= 16384 AND typtype IN ('c', 'd', 'e', 'r')
UNION ALL
SELECT 'function ' || proname FROM pg_proc p
WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'schema ' || nspname FROM pg_namespace WHERE oid >= 16384
UNION ALL
SELECT 'large object ' || oid FROM pg_largeobject_metadata
UNION ALL
SELECT 'prepared transaction ' || gid FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT 'session, last query: ' || query FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def chopsticks_template() -> object:
    return with_hstore


def with_hstore(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE EXTENSION hstore")


@pytest.fixture(autouse=True)
def own_database(chopsticks_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with chopsticks_db.connect() as connection:
        assert connection.execute(LEFT).fetchall() == []
    address = {
        "dbname": chopsticks_db.name,
        "dbhost": chopsticks_db.host,
        "dbport": str(chopsticks_db.port),
        "dbuser": chopsticks_db.user,
        "dbpass": chopsticks_db.password,
        "dsn": chopsticks_db.dsn,
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("tests."):
            for variable, value in address.items():
                if hasattr(module, variable):
                    monkeypatch.setattr(module, variable, value)
    by_class = sys.modules["tests.test_psycopg2_dbapi20"].Psycopg2Tests.connect_kw_args
    monkeypatch.setitem(by_class, "dsn", chopsticks_db.dsn)
