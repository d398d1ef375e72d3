"""Changes of the document's schema, and how a break by each is told."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_chopsticks.compatibility.old_clients import BreakKind


@dataclass(frozen=True, slots=True)
class Breaking:
    """Statements of a migration; one break is of this kind and says this."""

    name: str
    migration: str
    kind: BreakKind
    says: str


BREAKING = (
    Breaking(
        "rule that swallows inserts",
        "CREATE RULE swallow AS ON INSERT TO user_wallets DO INSTEAD NOTHING",
        "row-count",
        "user_wallets: an insert that names every column: before, 1 row; now, 0 rows",
    ),
    Breaking(
        "rule that swallows deletes",
        "CREATE RULE keep AS ON DELETE TO user_pets DO INSTEAD NOTHING",
        "row-count",
        "user_pets: a delete: before, 1 row; now, 0 rows",
    ),
    Breaking(
        "rule that stores the row elsewhere",
        "CREATE TABLE pets_inbox (LIKE user_pets INCLUDING ALL); CREATE RULE divert AS ON INSERT "
        "TO user_pets DO INSTEAD INSERT INTO pets_inbox (user_id, pet_type) "
        "VALUES (new.user_id, new.pet_type)",
        "visible-row",
        "now, 1 row, then visible: nothing",
    ),
    Breaking(
        "trigger that rewrites a value",
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN new.pet_type := upper(new.pet_type); RETURN new; END$$;"
        "CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON user_pets FOR EACH ROW "
        "EXECUTE FUNCTION shout()",
        "visible-row",
        "user_pets",
    ),
    Breaking(
        "trigger that skips rows",
        "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;"
        "CREATE TRIGGER skip BEFORE UPDATE ON user_wallets FOR EACH ROW EXECUTE FUNCTION skip()",
        "row-count",
        "user_wallets: an update of balance: before, 1 row; now, 0 rows",
    ),
    Breaking(
        "trigger that forbids",
        "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'frozen'; END$$;"
        "CREATE TRIGGER forbid BEFORE DELETE ON user_pets EXECUTE FUNCTION forbid()",
        "refused",
        "user_pets: a delete: before, 1 row; now, refused with SQLSTATE P0001 (frozen)",
    ),
    Breaking(
        "deferrable uniqueness",
        "ALTER TABLE user_inventory DROP CONSTRAINT user_inventory_user_id_item_id_key, "
        "ADD UNIQUE (user_id, item_id) DEFERRABLE",
        "refused",
        "ON CONFLICT (user_id, item_id) DO NOTHING: before, 0 rows; now, refused with SQLSTATE "
        "55000",
    ),
    Breaking(
        "uniqueness dropped",
        "ALTER TABLE agent_bots DROP CONSTRAINT agent_bots_client_id_key",
        "accepted",
        "agent_bots: an insert of a row with the same client_id: before, refused with SQLSTATE "
        "23505",
    ),
    Breaking(
        "ON CONFLICT without its key",
        "ALTER TABLE command_stats DROP CONSTRAINT command_stats_pkey",
        "refused",
        "SQLSTATE 42P10",
    ),
    Breaking(
        "narrower integer",
        "ALTER TABLE user_wallets ALTER balance TYPE integer USING 0",
        "refused",
        "user_wallets: an insert of values at the edges: before, 1 row; now, refused with SQLSTATE "
        "22003",
    ),
    Breaking(
        "narrower text",
        "ALTER TABLE user_pets ALTER name TYPE varchar(5) USING 'x'",
        "refused",
        "SQLSTATE 22001",
    ),
    Breaking(
        "fewer digits",
        "ALTER TABLE user_streaks ALTER streak_multiplier TYPE numeric(2, 1)",
        "visible-row",
        "then visible: streak_multiplier = 3.0",
    ),
    Breaking(
        "time without its zone",
        "ALTER TABLE command_stats ALTER updated_at TYPE timestamp",
        "visible-row",
        "updated_at = '2083-05-18T14:40:02.123456'",
    ),
    Breaking(
        "number as text",
        "ALTER TABLE user_pets ALTER id DROP DEFAULT, ALTER id TYPE text, "
        "ALTER id SET DEFAULT 'x' || nextval('user_pets_id_seq')",
        "returned",
        "user_pets: an insert that returns id",
    ),
    Breaking(
        "check on new rows only",
        "ALTER TABLE user_wallets ADD CHECK (balance < 1000) NOT VALID",
        "refused",
        "SQLSTATE 23514",
    ),
    Breaking(
        "unique",
        "CREATE UNIQUE INDEX one_pet ON user_pets (user_id, pet_type)",
        "refused",
        'SQLSTATE 23505 (duplicate key value violates unique constraint "one_pet")',
    ),
    Breaking(
        "reference on new rows only",
        "ALTER TABLE user_wallets ADD FOREIGN KEY (user_id) REFERENCES guild_settings NOT VALID",
        "refused",
        "SQLSTATE 23503",
    ),
    Breaking(
        "forced row security",
        "ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "refused",
        "audit_log: an insert that names every column: before, 1 row; now, refused with SQLSTATE "
        "42501",
    ),
    Breaking(
        "row security that hides",
        "ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        "CREATE POLICY write ON audit_log FOR INSERT WITH CHECK (true)",
        "visible-row",
        "now, 1 row, then visible: nothing",
    ),
    Breaking(
        "privilege revoked",
        "REVOKE UPDATE ON user_pets FROM old_client",
        "refused",
        "user_pets: an update of created_at: before, 1 row; now, refused with SQLSTATE 42501",
    ),
    Breaking(
        "required column",
        "ALTER TABLE user_pets ADD species text NOT NULL DEFAULT 'cat';"
        "ALTER TABLE user_pets ALTER species DROP DEFAULT",
        "refused",
        "SQLSTATE 23502",
    ),
    Breaking(
        "default dropped",
        "ALTER TABLE agent_pools ALTER visibility DROP DEFAULT",
        "refused",
        "agent_pools: an insert that names only the required columns",
    ),
    Breaking(
        "default of a nullable column dropped",
        "ALTER TABLE transaction_log ALTER metadata DROP DEFAULT",
        "visible-row",
        "transaction_log: an insert that names only the required columns: before, 1 row, then "
        "visible: metadata = {}; now, 1 row, then visible: metadata = NULL",
    ),
    Breaking(
        "sequence dropped",
        "DROP SEQUENCE user_pets_id_seq CASCADE",
        "refused",
        "user_pets: an insert that names every column: before, 1 row; now, refused with SQLSTATE "
        "23502",
    ),
    Breaking(
        "identity always",
        "ALTER TABLE user_pets ALTER id DROP DEFAULT;"
        "ALTER TABLE user_pets ALTER id ADD GENERATED ALWAYS AS IDENTITY (START 1000)",
        "refused",
        "user_pets: an insert that gives id: before, 1 row; now, refused with SQLSTATE 428C9",
    ),
    Breaking(
        "generated column",
        "ALTER TABLE user_wallets DROP total_spent,"
        "ADD total_spent bigint GENERATED ALWAYS AS (total_earned - balance - bank) STORED",
        "refused",
        "SQLSTATE 428C9",
    ),
    Breaking(
        "column renamed",
        "ALTER TABLE user_wallets RENAME balance TO money",
        "refused",
        "SQLSTATE 42703",
    ),
    Breaking("table dropped", "DROP TABLE command_stats", "refused", "SQLSTATE 42P01"),
    Breaking(
        "column that a join does not expect",
        "ALTER TABLE agent_bots ADD visibility text",
        "ambiguous-join",
        "agent_bots: a join with agent_pools on pool_id: before, 1 row; now, refused with SQLSTATE "
        '42702 (column reference "visibility" is ambiguous)',
    ),
    Breaking(
        "another default",
        "ALTER TABLE agent_pools ALTER visibility SET DEFAULT 'public'",
        "default-changed",
        "agent_pools: an insert that names only the required columns: before, 1 row, then visible: "
        "visibility = 'private'; now, 1 row, then visible: visibility = 'public'",
    ),
)

#: Migrations that no statement of an old client notices.
HARMLESS = {
    "nothing": "SELECT",
    "new table": "CREATE TABLE guilds (id text PRIMARY KEY)",
    "nullable column": "ALTER TABLE user_wallets ADD note text",
    "column with a default": "ALTER TABLE user_wallets ADD note text NOT NULL DEFAULT 'x'",
    "index": "CREATE INDEX ON user_pets (pet_type)",
    "wider integer": "ALTER TABLE user_streaks ALTER daily_streak TYPE bigint",
    "wider numeric": "ALTER TABLE user_streaks ALTER streak_multiplier TYPE numeric(10, 4)",
    "wider text": "ALTER TABLE user_pets ALTER name TYPE varchar(1000)",
    "natural reference": (
        "ALTER TABLE agent_bots ADD FOREIGN KEY (pool_id) REFERENCES agent_pools NOT VALID"
    ),
    "looser": "ALTER TABLE user_pets ALTER pet_type DROP NOT NULL",
    "check that every row satisfies": (
        "ALTER TABLE user_wallets ADD CHECK (user_id <> '') NOT VALID"
    ),
    "backfill": "ALTER TABLE user_pets ADD species text; UPDATE user_pets SET species = pet_type",
    "trigger that records": (
        "CREATE TABLE changes (what text); CREATE FUNCTION record() RETURNS trigger LANGUAGE "
        "plpgsql AS $$BEGIN INSERT INTO changes VALUES (tg_op); RETURN NULL; END$$;"
        "CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON user_wallets FOR EACH ROW "
        "EXECUTE FUNCTION record()"
    ),
    "partitions of the same name": (
        "CREATE TABLE parted (LIKE command_stats_daily INCLUDING DEFAULTS, "
        "PRIMARY KEY (day, guild_id, command)) PARTITION BY RANGE (day);"
        "CREATE TABLE every_day PARTITION OF parted DEFAULT;"
        "DROP TABLE command_stats_daily; ALTER TABLE parted RENAME TO command_stats_daily"
    ),
    "table behind a view": (
        "ALTER TABLE command_stats RENAME TO stats;CREATE VIEW command_stats AS SELECT * FROM stats"
    ),
    "identity instead of a sequence's default": (
        "ALTER TABLE user_pets ALTER id DROP DEFAULT;"
        "ALTER TABLE user_pets ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START 1000)"
    ),
}
