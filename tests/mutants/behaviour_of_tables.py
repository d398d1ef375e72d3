"""Schemas with all the right parts that nevertheless do not do what the document's does."""

from __future__ import annotations

from collections.abc import Iterator

from conformance import canonical_schema as schema
from conformance.canonical_schema import Table

from .schema_mutant import FROM_EMPTY, SchemaMutant, all_of, canonical_and, writes

_INSERTED = "BEFORE INSERT"
_CHANGED = "BEFORE UPDATE"


def behaviour_mutants() -> Iterator[SchemaMutant]:
    yield from _triggers()
    yield from _writes_elsewhere()
    yield from _transition_tables()
    yield from _rules()
    yield from _row_security()
    yield from _privileges()
    yield from _constraints()


def _triggers() -> Iterator[SchemaMutant]:
    for table, when, body, broken in (
        (schema.USER_WALLETS, _INSERTED, "RETURN NULL;", "stores no row"),
        (schema.AUDIT_LOG, _INSERTED, "NEW.action := upper(NEW.action); RETURN NEW;", "rewrites"),
        (schema.AGENT_POOLS, _INSERTED, "NEW.name := btrim(NEW.name); RETURN NEW;", "trims"),
        (schema.USER_PETS, _INSERTED, "NEW.name := normalize(NEW.name); RETURN NEW;", "normalises"),
        (
            schema.GUILD_SETTINGS,
            _INSERTED,
            "NEW.data := jsonb_strip_nulls(NEW.data); RETURN NEW;",
            "strips nulls",
        ),
        (schema.COMMAND_STATS, _INSERTED, "NEW.ok := NEW.ok + 1; RETURN NEW;", "counts twice"),
        (schema.GUILD_SETTINGS, _CHANGED, "NEW.rev := OLD.rev + 1; RETURN NEW;", "sets rev itself"),
        (schema.USER_PETS, _CHANGED, "RETURN OLD;", "ignores updates"),
        (schema.USER_STREAKS, _CHANGED, "RETURN NULL;", "updates no row"),
        (schema.USER_INVENTORY, "BEFORE DELETE", "RETURN NULL;", "deletes no row"),
        (
            schema.TRANSACTION_LOG,
            _INSERTED,
            "IF NEW.from_user IS NULL THEN RAISE 'no sender'; END IF; RETURN NEW;",
            "refuses transactions without a sender",
        ),
    ):
        yield _mutant("trigger", table, broken, *_trigger(table, when, body))
    refuse = "IF NEW.reason LIKE 'daily%' THEN RAISE 'no' USING ERRCODE = '23514'; END IF;"
    table = schema.TRANSACTION_LOG
    function, trigger = _trigger(table, "AFTER INSERT", f"{refuse} RETURN NULL;")
    deferred = trigger.replace("CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER").replace(
        "FOR EACH ROW", "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    )
    yield _mutant("deferred trigger", table, "refuses rows at COMMIT", function, deferred)


def _writes_elsewhere() -> Iterator[SchemaMutant]:
    for table, when, body, broken in (
        (
            schema.GUILD_SETTINGS,
            "AFTER DELETE",
            "DELETE FROM audit_log WHERE guild_id = OLD.guild_id; RETURN NULL;",
            "deletes its guild's audit trail",
        ),
        (
            schema.USER_WALLETS,
            _CHANGED,
            "UPDATE user_streaks SET daily_streak = 0 WHERE user_id = NEW.user_id; RETURN NEW;",
            "ends the streak of its user",
        ),
    ):
        yield _mutant("writes elsewhere", table, broken, *_trigger(table, when, body))


def _transition_tables() -> Iterator[SchemaMutant]:
    for table, event, which in (
        (schema.AUDIT_LOG, "INSERT", "NEW"),
        (schema.USER_PETS, "UPDATE", "NEW"),
        (schema.COMMAND_STATS_DAILY, "DELETE", "OLD"),
    ):
        body = "IF (SELECT count(*) FROM rows_of_it) > 1 THEN RAISE 'one'; END IF; RETURN NULL;"
        function, trigger = _trigger(table, f"AFTER {event}", body)
        trigger = trigger.replace(
            "FOR EACH ROW", f"REFERENCING {which} TABLE AS rows_of_it FOR EACH STATEMENT"
        )
        broken = f"takes one row per {event}"
        yield _mutant("statement trigger", table, broken, function, trigger)


def _rules() -> Iterator[SchemaMutant]:
    for table, event in (
        (schema.AUDIT_LOG, "INSERT"),
        (schema.USER_PETS, "UPDATE"),
        (schema.AGENT_RUNNERS, "DELETE"),
    ):
        rule = f"CREATE RULE ignored AS ON {event} TO {table.name} DO INSTEAD NOTHING"
        yield _mutant(f"rule on {event}", table, f"does nothing on {event}", rule)


def _row_security() -> Iterator[SchemaMutant]:
    for table, policies, broken in (
        (schema.AGENT_BOTS, (), "shows the owner no rows"),
        (schema.GUILD_SETTINGS, ("USING (rev > 100) WITH CHECK (true)",), "hides rows"),
        (schema.AGENT_POOLS, ("USING (true) WITH CHECK (visibility = 'public')",), "refuses rows"),
    ):
        yield _mutant(
            "row security",
            table,
            broken,
            f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY",
            *(f"CREATE POLICY p ON {table.name} {policy}" for policy in policies),
        )


def _privileges() -> Iterator[SchemaMutant]:
    for table, privilege in (
        (schema.USER_PETS, "INSERT"),
        (schema.AGENT_RUNNERS, "SELECT"),
        (schema.COMMAND_STATS_DAILY, "UPDATE"),
        (schema.USER_STREAKS, "DELETE"),
    ):
        revoke = f"REVOKE {privilege} ON {table.name} FROM CURRENT_USER"
        yield _mutant(f"{privilege} revoked", table, f"refuses {privilege} to its owner", revoke)
    revoke = "REVOKE ALL ON SEQUENCE user_pets_id_seq FROM CURRENT_USER"
    yield _mutant("sequence revoked", schema.USER_PETS, "cannot draw an id", revoke)
    limit = "ALTER SEQUENCE audit_log_id_seq MAXVALUE 2"
    yield _mutant("sequence exhausted", schema.AUDIT_LOG, "has two ids", limit)


def _constraints() -> Iterator[SchemaMutant]:
    for table, kind, constraint, broken in (
        (schema.TRANSACTION_LOG, "check added", "CHECK (amount < 1000000)", "limits amounts"),
        (
            schema.TRANSACTION_LOG,
            "check added",
            "CHECK (length(reason) <= 1000)",
            "limits reasons",
        ),
        (schema.USER_WALLETS, "check added", "CHECK (bank <= 0)", "has no bank"),
        (schema.AGENT_POOLS, "check added", "CHECK (name ~ '^[ -~]*$')", "takes ASCII names only"),
        (schema.GUILD_SETTINGS, "check added", "CHECK (data ? 'prefix')", "refuses empty settings"),
        (
            schema.USER_INVENTORY,
            "foreign key added",
            "FOREIGN KEY (user_id) REFERENCES user_wallets",
            "wants a wallet first",
        ),
        (
            schema.AUDIT_LOG,
            "foreign key added",
            "FOREIGN KEY (guild_id) REFERENCES guild_settings DEFERRABLE INITIALLY DEFERRED",
            "wants settings by COMMIT",
        ),
        (
            schema.AGENT_POOLS,
            "exclusion added",
            "EXCLUDE (owner_user_id WITH =)",
            "allows one pool per owner",
        ),
        (
            schema.USER_PETS,
            "exclusion added",
            "EXCLUDE (user_id WITH =) DEFERRABLE INITIALLY DEFERRED",
            "allows one pet per user",
        ),
    ):
        yield _mutant(kind, table, broken, f"ALTER TABLE {table.name} ADD {constraint}")


def _trigger(table: Table, when: str, body: str) -> tuple[str, str]:
    name = f"interfere_with_{table.name}()"
    function = f"CREATE FUNCTION {name} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    trigger = (
        f"CREATE TRIGGER interferes {when} ON {table.name} FOR EACH ROW EXECUTE FUNCTION {name}"
    )
    return function, trigger


def _mutant(kind: str, table: Table, broken: str, *statements: str) -> SchemaMutant:
    return SchemaMutant(
        kind,
        f"{table.name} {broken}",
        f"{table.name} {broken}.",
        table.name,
        canonical_and(*statements),
        frozenset({writes(table)}),
        (*all_of(table), *([FROM_EMPTY] if table.checks else [])),
        names=(table.name,),
    )
