"""Goes next to the tests of psycopg2: their connection string is that of the test's own database.

They take it from the environment once, when they are imported, and hand it to each other by name.
"""

from __future__ import annotations

import sys

import pytest

from pytest_chopsticks import Database


@pytest.fixture(scope="session")
def chopsticks_template() -> object:
    return with_hstore


def with_hstore(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE EXTENSION hstore")


@pytest.fixture(autouse=True)
def own_database(chopsticks_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
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
