"""The end of a database that may still be in use."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases.prepared_transactions import roll_back_prepared


def drop_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop a database, if it exists, whatever goes on in it, and if it is a template.

    The connection is in autocommit mode. Raises `psycopg.Error` where the role may not.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    try:
        connection.execute(drop)
    except psycopg.errors.WrongObjectType:
        plain = sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE false").format(sql.Identifier(name))
        connection.execute(plain)
        drop_database(connection, name)
    except psycopg.errors.ObjectInUse:
        roll_back_prepared(connection, name)
        connection.execute(drop)
