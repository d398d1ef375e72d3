"""Changes of triggers, rules, row security, sequences, types and privileges."""

from __future__ import annotations

from tests.catalog.change_case import TABLE, case

FUNCTION = """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
"""
TRIGGER = "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"
TRIGGER_TEXT = "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"

BEHAVIOUR = {
    "trigger added": case(
        TABLE + FUNCTION, TRIGGER, TriggerAdded=f"trigger g on t is new: {TRIGGER_TEXT}"
    ),
    "trigger removed": case(
        TABLE + FUNCTION + TRIGGER, "DROP TRIGGER g ON t", TriggerRemoved="trigger g on t is gone"
    ),
    "trigger changed": case(
        TABLE + FUNCTION + TRIGGER,
        "CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a > 0) "
        "EXECUTE FUNCTION f()",
        TriggerChanged=(
            f"trigger g on t changed from {TRIGGER_TEXT} to CREATE TRIGGER g BEFORE INSERT ON t "
            "FOR EACH ROW WHEN (new.a > 0) EXECUTE FUNCTION f()"
        ),
    ),
    "trigger function changed": case(
        TABLE + FUNCTION + TRIGGER,
        "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NULL; END'",
        TriggerChanged=(
            "trigger g on t changed its function f: source from BEGIN RETURN NEW; END "
            "to BEGIN RETURN NULL; END"
        ),
    ),
    "trigger disabled": case(
        TABLE + FUNCTION + TRIGGER,
        "ALTER TABLE t DISABLE TRIGGER g",
        TriggerStateChanged="trigger g on t changed its state from origin to disabled",
    ),
    "rule added": case(
        TABLE,
        "CREATE RULE q AS ON DELETE TO t DO INSTEAD NOTHING",
        RuleAdded="rule q on t is new: CREATE RULE q AS ON DELETE TO t DO INSTEAD NOTHING;",
    ),
    "rule removed": case(
        TABLE + "CREATE RULE q AS ON DELETE TO t DO INSTEAD NOTHING",
        "DROP RULE q ON t",
        RuleRemoved="rule q on t is gone",
    ),
    "rule disabled": case(
        TABLE + "CREATE RULE q AS ON DELETE TO t DO INSTEAD NOTHING",
        "ALTER TABLE t DISABLE RULE q",
        RuleChanged="rule q on t changed enabled from origin to disabled",
    ),
    "row security": case(
        TABLE,
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        RowSecurityChanged="row security of t changed from off to on, forced",
    ),
    "policy added": case(
        TABLE, "CREATE POLICY p ON t USING (a > 0)", PolicyAdded="policy p on t is new"
    ),
    "policy removed": case(
        TABLE + "CREATE POLICY p ON t", "DROP POLICY p ON t", PolicyRemoved="policy p on t is gone"
    ),
    "policy changed": case(
        TABLE + "CREATE POLICY p ON t USING (a > 0)",
        "ALTER POLICY p ON t TO pg_monitor USING (a > 1)",
        PolicyChanged=(
            "policy p on t changed roles from (public) to (pg_monitor), using from (a > 0) "
            "to (a > 1)"
        ),
    ),
}

TYPES = {
    "sequence added": case("", "CREATE SEQUENCE s", SequenceAdded="sequence s is new"),
    "sequence removed": case(
        "CREATE SEQUENCE s", "DROP SEQUENCE s", SequenceRemoved="sequence s is gone"
    ),
    "sequence changed": case(
        "CREATE SEQUENCE s",
        "ALTER SEQUENCE s INCREMENT 2 CYCLE",
        SequenceChanged="sequence s changed increment from 1 to 2, cycle from false to true",
    ),
    "enum added": case("", "CREATE TYPE e AS ENUM ('x', 'y')", EnumAdded="enum e is new: x, y"),
    "enum removed": case(
        "CREATE TYPE e AS ENUM ('x')", "DROP TYPE e", EnumRemoved="enum e is gone"
    ),
    "enum label added": case(
        "CREATE TYPE e AS ENUM ('x', 'y')",
        "ALTER TYPE e ADD VALUE 'w' BEFORE 'y'",
        EnumLabelAdded="enum e has a new label 'w'",
    ),
    "enum label removed": case(
        "CREATE TYPE e AS ENUM ('x', 'y')",
        "DROP TYPE e; CREATE TYPE e AS ENUM ('y')",
        EnumLabelRemoved="enum e lost its label 'x'",
    ),
    "enum label renamed": case(
        "CREATE TYPE e AS ENUM ('x', 'y')",
        "ALTER TYPE e RENAME VALUE 'x' TO 'z'",
        EnumLabelRenamed="enum e renamed its label 'x' to 'z'",
    ),
    "enum reordered": case(
        "CREATE TYPE e AS ENUM ('x', 'y')",
        "DROP TYPE e; CREATE TYPE e AS ENUM ('y', 'x')",
        EnumReordered="enum e changed its order from x, y to y, x",
    ),
    "domain added": case("", "CREATE DOMAIN d AS int", DomainAdded="domain d is new"),
    "domain removed": case(
        "CREATE DOMAIN d AS int", "DROP DOMAIN d", DomainRemoved="domain d is gone"
    ),
    "domain changed": case(
        "CREATE DOMAIN d AS int",
        "ALTER DOMAIN d SET NOT NULL; ALTER DOMAIN d ADD CHECK (VALUE > 0)",
        DomainChanged=(
            "domain d changed nullable from true to false, checks from nothing to ((VALUE > 0))"
        ),
    ),
}

PRIVILEGES = {
    "revoked from the owner": case(
        TABLE,
        "REVOKE DELETE ON t FROM CURRENT_USER",
        PrivilegeRevoked="DELETE on table t was revoked from owner",
    ),
    "granted": case(
        TABLE,
        "GRANT SELECT ON t TO pg_monitor WITH GRANT OPTION",
        PrivilegeGranted="SELECT with grant option on table t was granted to pg_monitor",
    ),
    "granted on a column": case(
        TABLE,
        "GRANT UPDATE (b) ON t TO PUBLIC",
        PrivilegeGranted="UPDATE (b) on table t was granted to public",
    ),
    "sequence": case(
        "CREATE SEQUENCE s",
        "REVOKE USAGE ON SEQUENCE s FROM CURRENT_USER",
        PrivilegeRevoked="USAGE on sequence s was revoked from owner",
    ),
    "schema": case(
        "",
        "GRANT USAGE ON SCHEMA scratch TO PUBLIC",
        PrivilegeGranted="USAGE on the schema was granted to public",
    ),
}
