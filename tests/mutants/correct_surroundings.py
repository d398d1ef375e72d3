"""What stands beside and behind the tables: more objects, triggers, storage, another schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.canonical_ddl import create_statements
from conformance.canonical_schema import TABLES

from .correct_variant import EVERYTHING, GUARDS, CorrectVariant, on_every_table, then

_TRIGGER = "CREATE FUNCTION react() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"


def surrounding_variants() -> Iterator[CorrectVariant]:
    yield replace(then("the document's own"), areas=EVERYTHING)
    yield replace(
        then("without guards"),
        statements=tuple(create_statements(TABLES)),
        against=frozenset({"migrations.records-protected"}),
    )
    yield from _objects()
    yield from _triggers()
    yield from _access()
    yield from _storage()
    yield replace(
        then("in a schema of its own"),
        statements=("CREATE SCHEMA bot", *create_statements(TABLES), *GUARDS),
        search_path="bot",
        areas=EVERYTHING,
    )


def _objects() -> Iterator[CorrectVariant]:
    yield then(
        "tables added",
        "CREATE TABLE playlists (id uuid PRIMARY KEY, guild_id text REFERENCES guild_settings)",
        "CREATE TABLE loans (id serial PRIMARY KEY, user_id text UNIQUE, CHECK (id > 0))",
        "CREATE UNLOGGED TABLE sessions (id text)",
        "CREATE TABLE events (at date) PARTITION BY RANGE (at)",
    )
    views = then(
        "views added",
        "CREATE VIEW richest AS SELECT user_id FROM user_wallets ORDER BY balance DESC LIMIT 10",
        "CREATE MATERIALIZED VIEW pools AS SELECT visibility, count(*) FROM agent_pools GROUP BY 1",
    )
    yield replace(views, areas=EVERYTHING)
    yield then(
        "a copy in another schema",
        "CREATE SCHEMA backup",
        *(f"CREATE TABLE backup.{table.name} (LIKE {table.name})" for table in TABLES[:5]),
    )
    yield on_every_table("comments", "COMMENT ON TABLE {} IS 'Ünïcödé; -- ''quoted'''")
    yield then("statistics", "CREATE STATISTICS ON guild_id, user_id FROM audit_log")


def _triggers() -> Iterator[CorrectVariant]:
    yield on_every_trigger("triggers that notify", "PERFORM pg_notify('changes', ''); RETURN NULL;")
    kept = "INSERT INTO history VALUES (TG_TABLE_NAME, to_jsonb(NEW)); RETURN NULL;"
    yield on_every_trigger(
        "triggers that keep history", kept, "CREATE TABLE history (name text, was jsonb)"
    )
    yield then(
        "a trigger that changes nothing",
        _TRIGGER.format("RETURN NEW;"),
        "CREATE TRIGGER reacts BEFORE INSERT OR UPDATE ON user_wallets"
        " FOR EACH ROW EXECUTE FUNCTION react()",
    )
    noted = "INSERT INTO audit_log (guild_id, user_id, action) VALUES (NEW.guild_id, '', TG_OP);"
    yield then(
        "a trigger that audits",
        _TRIGGER.format(f"{noted} RETURN NULL;"),
        "CREATE TRIGGER reacts AFTER INSERT OR UPDATE ON guild_settings"
        " FOR EACH ROW EXECUTE FUNCTION react()",
    )
    yield then(
        "a check by a trigger",
        _TRIGGER.format(
            "IF NEW.quantity <= 0 THEN RAISE 'no' USING ERRCODE = '23514'; END IF; RETURN NEW;"
        ),
        "ALTER TABLE user_inventory DROP CONSTRAINT user_inventory_quantity_check",
        "CREATE TRIGGER reacts BEFORE INSERT OR UPDATE ON user_inventory"
        " FOR EACH ROW EXECUTE FUNCTION react()",
    )


def on_every_trigger(name: str, body: str, *before: str) -> CorrectVariant:
    """An AFTER trigger on every table but that of the migrations' own records."""
    create = (
        "CREATE TRIGGER reacts AFTER INSERT OR UPDATE OR DELETE ON {}"
        " FOR EACH ROW EXECUTE FUNCTION react()"
    )
    tables = (table.name for table in TABLES if table.name != "schema_migrations")
    creates = (create.format(table) for table in tables)
    return then(name, *before, _TRIGGER.format(body), *creates)


def _access() -> Iterator[CorrectVariant]:
    yield on_every_table("row security for others", "ALTER TABLE {} ENABLE ROW LEVEL SECURITY")
    yield then(
        "row security that allows all",
        "ALTER TABLE user_wallets ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE user_wallets FORCE ROW LEVEL SECURITY",
        "CREATE POLICY everyone ON user_wallets USING (true)",
    )
    yield on_every_table("readable by all", "GRANT SELECT ON {} TO PUBLIC")
    immutable = ("schema_migrations", "transaction_log")
    revokes = (f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM CURRENT_USER" for name in immutable)
    yield CorrectVariant("privileges for guards", (*create_statements(TABLES), *revokes))


def _storage() -> Iterator[CorrectVariant]:
    settings = "SET (fillfactor = 70, autovacuum_enabled = off)"
    yield on_every_table("storage of tables", f"ALTER TABLE {{}} {settings}")
    yield on_every_table("replica identity", "ALTER TABLE {} REPLICA IDENTITY FULL")
    yield then(
        "storage of columns",
        "ALTER TABLE guild_settings ALTER data SET STORAGE EXTERNAL",
        "ALTER TABLE guild_settings ALTER data SET STATISTICS 500",
        "ALTER TABLE agent_bots ALTER profile SET STORAGE MAIN",
    )
