"""Transactions that a client prepared for a commit in two phases, and left at that.

They hold their locks and their names without a session, and a database that has one can be neither
copied nor dropped.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

#: How many there are in the database `d`; as an expression it costs some microseconds.
COUNT = "(SELECT count(*) FROM pg_prepared_xact() WHERE dbid = d.oid)"

_NAMES = "SELECT gid FROM pg_prepared_xacts WHERE database = %s"


def roll_back_prepared(connection: psycopg.Connection[Any], name: str) -> None:
    """Roll back what is prepared in a database of the server; the connection is in autocommit mode.

    Raises `psycopg.Error` where the role may not, or where nobody may connect to that database.
    """
    names = connection.execute(_NAMES, [name]).fetchall()
    if names and connection.info.dbname != name:
        # It is only possible from within.
        dsn = make_conninfo(
            connection.info.dsn, password=connection.info.password or None, dbname=name
        )
        with psycopg.connect(dsn, autocommit=True) as inside:
            roll_back_prepared(inside, name)
        return
    for (prepared,) in names:
        connection.execute(sql.SQL("ROLLBACK PREPARED {}").format(sql.Literal(prepared)))
