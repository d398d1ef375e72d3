"""Ways in which a database's schema drifts, and ways in which it only seems to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.catalog.index_coverage import leads_with
from pytest_chopsticks.databases import Database, Pool
from pytest_chopsticks.implementations import Implementation, Outcome

from .canonical_schema import TABLES
from .database_state import DatabaseState, state_of
from .index_matching import canonical_keys

#: Settings of a database that change how its catalog reads, and nothing in it.
CHANGED_SETTINGS = {
    "quote_all_identifiers": "on",
    "DateStyle": "SQL, DMY",
    "TimeZone": "Asia/Kathmandu",
    "extra_float_digits": "3",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """An unauthorised change; a refusal has to name one of `names`.

    `drops` asks for an object that has no name in the document: the index on `column`, or the
    constraint of that kind on it. The statement comes after that.
    """

    title: str
    names: tuple[str, ...]
    statement: str = ""
    drops: str = ""
    table: str = ""
    column: str = ""


#: One of each kind that the document lists under "Schema Hash Calculation".
DRIFTS = (
    Drift("a table is renamed", ("user_pets",), "ALTER TABLE user_pets RENAME TO user_pets_old"),
    Drift("a table is added", ("stray_table",), "CREATE TABLE stray_table (id integer)"),
    Drift("a column is renamed", ("tag",), "ALTER TABLE agent_bots RENAME tag TO tag_old"),
    Drift("a column is added", ("stray",), "ALTER TABLE audit_log ADD stray text"),
    Drift("a column is dropped", ("profile",), "ALTER TABLE agent_bots DROP profile"),
    Drift(
        "a column's type is changed",
        ("execution_time_ms",),
        "ALTER TABLE schema_migrations ALTER execution_time_ms TYPE bigint",
    ),
    Drift(
        "a column's precision is changed",
        ("streak_multiplier",),
        "ALTER TABLE user_streaks ALTER streak_multiplier TYPE numeric(4,2)",
    ),
    Drift("a primary key is dropped", ("user_streaks",), drops="p", table="user_streaks"),
    Drift(
        "a unique constraint is dropped",
        ("user_inventory",),
        drops="u",
        table="user_inventory",
    ),
    Drift(
        "an index is dropped",
        ("user_wallets", "idx_wallets_balance"),
        drops="index",
        table="user_wallets",
        column="balance",
    ),
    Drift(
        "a unique constraint becomes an ordinary index",
        ("user_inventory",),
        "CREATE INDEX stray_index ON user_inventory (user_id, item_id)",
        drops="u",
        table="user_inventory",
    ),
    Drift(
        "an index is turned from DESC to ASC",
        ("user_wallets", "idx_wallets_balance"),
        "CREATE INDEX idx_wallets_balance ON user_wallets (balance)",
        drops="index",
        table="user_wallets",
        column="balance",
    ),
    Drift(
        "an index is added",
        ("user_streaks", "stray_index"),
        "CREATE INDEX stray_index ON user_streaks (daily_streak)",
    ),
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was answered about a database that drifted, and its state around that."""

    drift: Drift
    before: DatabaseState
    outcome: Outcome
    after: DatabaseState


def verify_drifts(pool: Pool, schema: str, implementation: Implementation) -> tuple[Verified, ...]:
    """Have the implementation verify one database for each drift."""
    verified = []
    for drift in DRIFTS:
        with pool.lend("clone") as lease:
            make_drift(lease.database, schema, drift)
            before = state_of(lease.database, schema)
            outcome = implementation.verify_schema(lease.database)
            verified.append(Verified(drift, before, outcome, state_of(lease.database, schema)))
    return tuple(verified)


def make_drift(database: Database, schema: str, drift: Drift) -> None:
    """Change the database, past whatever would refuse it to the owner."""
    with database.observe(autocommit=True) as connection:
        _use(connection, schema)
        if drift.drops == "index":
            _drop_index(connection, schema, drift)
        elif drift.drops:
            _drop_constraint(connection, drift)
        if drift.statement:
            connection.execute(drift.statement.encode())


def recreate_in_another_order(connection: psycopg.Connection[Any], schema: str) -> None:
    """Make every plain index and one table anew, in reverse order, under their names."""
    _use(connection, schema)
    _recreate_table(connection)
    names = [table.name for table in TABLES]
    rows = connection.execute(
        """
        SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relnamespace = %s::regnamespace AND t.relname = ANY (%s) AND t.relkind = 'r'
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
        ORDER BY c.oid DESC
        """,
        [schema, names],
    ).fetchall()
    for drop, _ in rows:
        connection.execute(drop.encode())
    for _, create in rows:
        connection.execute(create.encode())


def change_settings(connection: psycopg.Connection[Any], database: str) -> None:
    """Give new sessions of the database `CHANGED_SETTINGS`."""
    for name, value in CHANGED_SETTINGS.items():
        statement = sql.SQL("ALTER DATABASE {} SET {} TO {}")
        connection.execute(
            statement.format(sql.Identifier(database), sql.Identifier(name), sql.Literal(value))
        )


def _use(connection: psycopg.Connection[Any], schema: str) -> None:
    connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema)))


def _recreate_table(connection: psycopg.Connection[Any]) -> None:
    """Make `agent_runners`, which nothing depends on, anew: later than all others."""
    owner = _owner(connection)
    with connection.transaction():
        connection.execute("ALTER TABLE agent_runners RENAME TO agent_runners_before")
        renamed = _constraints(connection)
        connection.execute(
            "CREATE TABLE agent_runners (LIKE agent_runners_before INCLUDING ALL EXCLUDING INDEXES)"
        )
        connection.execute("DROP TABLE agent_runners_before")
        for name, definition in renamed:
            statement = sql.SQL("ALTER TABLE agent_runners ADD CONSTRAINT {} {}")
            connection.execute(statement.format(sql.Identifier(name), sql.SQL(definition)))
        connection.execute(
            sql.SQL("ALTER TABLE agent_runners OWNER TO {}").format(sql.Identifier(owner))
        )


def _owner(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'agent_runners'::regclass"
    ).fetchone()
    assert row is not None
    return str(row[0])


def _constraints(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    return connection.execute(
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'agent_runners_before'::regclass AND contype IN ('p', 'u')
        """
    ).fetchall()


def _drop_index(connection: psycopg.Connection[Any], schema: str, drift: Drift) -> None:
    table = next(table for table in TABLES if table.name == drift.table)
    index = next(index for index in table.indexes if index.columns == (drift.column,))
    found = take_snapshot(connection, schema).tables[drift.table].indexes
    for one in found:
        if leads_with(one, canonical_keys(index)):
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(one.name)))


def _drop_constraint(connection: psycopg.Connection[Any], drift: Drift) -> None:
    rows = connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = %s",
        [drift.table, drift.drops],
    ).fetchall()
    for (name,) in rows:
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        connection.execute(statement.format(sql.Identifier(drift.table), sql.Identifier(name)))
