"""Statements, and every claim that reading them must make: rule and subject, in order."""

from __future__ import annotations

from typing import Final

HARMLESS: Final = (
    "SELECT 1",
    "CREATE TABLE n (a int PRIMARY KEY, b text UNIQUE CHECK (b <> ''))",
    "CREATE TABLE n (a int); CREATE INDEX i ON n (a); ALTER TABLE n ADD b int NOT NULL",
    "CREATE TABLE n (a int); UPDATE n SET a = 1; DELETE FROM n; TRUNCATE n; DROP TABLE n",
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "ALTER TABLE t ADD a int",
    "ALTER TABLE t ADD a int NOT NULL DEFAULT 0",
    "ALTER TABLE t ADD a timestamptz NOT NULL DEFAULT now()",
    "ALTER TABLE t VALIDATE CONSTRAINT c",
    "ALTER TABLE t ALTER a SET STATISTICS 100",
    "ALTER TABLE t SET (fillfactor = 70)",
    "ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER EVENT TRIGGER e DISABLE",
    "DO $$ BEGIN RAISE; END $$",
    "DO $$ BEGIN RAISE EXCEPTION 'no % of %', 1, lower('A') USING ERRCODE = '23514'; END $$",
    "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'no_data', HINT := concat('a', 'b'); END $$",
    "DO $$ BEGIN RAISE SQLSTATE '22012'; END $$",
    "DO $$ BEGIN RAISE unique_violation USING MESSAGE = 'taken', TABLE = 't'; END $$",
    "DO $$ BEGIN RAISE USING MESSAGE = 'a, b'; END $$",
    "UPDATE t SET a = 1 WHERE a IS NULL",
    "DELETE FROM t WHERE EXISTS (SELECT 1 FROM u)",
    "WITH gone AS (DELETE FROM t WHERE a = 1 RETURNING a) INSERT INTO u SELECT a FROM gone",
    "COMMENT ON TABLE t IS 'x'",
    "CREATE TYPE e AS ENUM ('a')",
    "CREATE EXTENSION IF NOT EXISTS pgcrypto",
    "GRANT SELECT ON t TO app",
    "SET LOCAL lock_timeout = '5s'",
    "SET lock_timeout = '5s'",
    "REINDEX (CONCURRENTLY) TABLE t",
    "VACUUM (FULL off) t",
    "VACUUM t",
    "ANALYZE t",
    "LOCK TABLE t IN ROW SHARE MODE",
    "ALTER SEQUENCE s OWNED BY t.a",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'",
    "EXPLAIN DELETE FROM t",
    "INSERT INTO t SELECT a, count(*) OVER () FROM u",
    # What is new may be moved and renamed, and is still new.
    "CREATE TABLE n (a int); ALTER TABLE n RENAME TO m; TRUNCATE m",
    "CREATE TABLE s.n (a int); ALTER TABLE s.n RENAME TO m; TRUNCATE s.m",
    "CREATE TABLE n (a int); ALTER TABLE n SET SCHEMA s; TRUNCATE s.n",
    "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e RENAME TO f; ALTER TYPE f ADD VALUE 'b'",
    "CREATE TYPE c AS (a int); ALTER TYPE c ADD ATTRIBUTE b int",
    "SELECT 1 AS a INTO n; TRUNCATE n",
    "CREATE TABLE n (a int); MERGE INTO n USING u ON n.a = u.a WHEN MATCHED THEN DELETE",
    "CREATE SCHEMA s CREATE TABLE n (a int) CREATE INDEX ON n (a) GRANT SELECT ON n TO app",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION f() STABLE",
    "CREATE PROCEDURE f() BEGIN ATOMIC END; CALL f()",
    "DO LANGUAGE plpgsql",
    "EXPLAIN (ANALYZE off) DELETE FROM t",
    "PREPARE p AS SELECT 1; EXECUTE p",
    "DROP STATISTICS s",
    "DROP TABLESPACE s",
    "ALTER TABLESPACE s RENAME TO r",
    "GRANT app TO bob",
    "ALTER DOMAIN d VALIDATE CONSTRAINT c",
    "COPY t FROM STDIN",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
    "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE",
    "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT ENFORCED",
    "RESET work_mem",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    # PL/pgSQL
    "DO $$ #variable_conflict use_column\nBEGIN NULL; END $$",
    "DO $$ <<a>> BEGIN WHILE now() < '2000-01-01' LOOP EXIT a WHEN lower('A') = 'a'; END LOOP a; "
    "END a $$",
    "DO $$ DECLARE c CURSOR (n int) FOR SELECT n; BEGIN FOR r IN c(1) LOOP NULL; END LOOP; OPEN c; "
    "END $$",
    "DO $$ BEGIN FOR i IN REVERSE 10..1 BY 2 LOOP NULL; END LOOP; FOR i IN 1..2 LOOP NULL; "
    "END LOOP; END $$",
    "DO $$ BEGIN CASE n WHEN 1, 2 THEN NULL; END CASE; EXCEPTION WHEN no_data OR SQLSTATE '22012' "
    "THEN NULL; END $$",
    "DO $$ BEGIN SELECT a, b INTO STRICT r.s.x, y[lower('1')::int] FROM t; END $$",
    "DO $$ BEGIN EXECUTE 'SELECT $1' USING 1 INTO n; END $$",
)

CLAIMS: Final[dict[str, list[tuple[str, str]]]] = {
    # Columns
    "ALTER TABLE t ADD a int NOT NULL": [("column-added", "t.a")],
    "ALTER TABLE t ADD a serial": [("rewrite", "t")],
    "ALTER TABLE t ADD a int GENERATED ALWAYS AS IDENTITY": [("rewrite", "t")],
    "ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()": [("rewrite", "t")],
    "ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED": [("rewrite", "t")],
    "ALTER TABLE t ADD a int PRIMARY KEY": [
        ("column-added", "t.a"), ("index-not-concurrent", "t"), ("primary-key-added", "t")],
    "ALTER TABLE t ADD a int UNIQUE": [("index-not-concurrent", "t")],
    "ALTER TABLE t ADD a int CHECK (a > 0)": [("scan-under-lock", "t")],
    "ALTER TABLE t DROP COLUMN a": [("column-removed", "t.a")],
    "ALTER TABLE t RENAME a TO b": [("column-removed", "t.a")],
    "ALTER TABLE t ALTER a TYPE bigint": [("column-type-changed", "t.a"), ("rewrite", "t")],
    'ALTER TABLE t ALTER a TYPE text COLLATE "C"': [
        ("column-type-changed", "t.a"), ("rewrite", "t"), ("collation-changed", "t.a")],
    "ALTER TABLE t ALTER a SET NOT NULL": [
        ("nullability-tightened", "t.a"), ("scan-under-lock", "t")],
    "ALTER TABLE t ALTER a DROP NOT NULL": [("nullability-loosened", "t.a")],
    "ALTER TABLE t ALTER a SET DEFAULT 1": [("default-changed", "t.a")],
    "ALTER TABLE t ALTER a DROP DEFAULT": [("default-removed", "t.a")],
    "ALTER TABLE t ALTER a ADD GENERATED ALWAYS AS IDENTITY": [("identity-changed", "t.a")],
    "ALTER TABLE t ALTER a SET GENERATED ALWAYS": [("identity-changed", "t.a")],
    "ALTER TABLE t ALTER a DROP IDENTITY": [("identity-changed", "t.a")],
    "ALTER TABLE t ALTER a DROP EXPRESSION": [("generated-changed", "t.a")],
    "ALTER TABLE t ALTER a SET EXPRESSION AS (b + 1)": [
        ("generated-changed", "t.a"), ("rewrite", "t")],
    # Constraints
    "ALTER TABLE t ADD CHECK (a > 0)": [("check-added", "t"), ("scan-under-lock", "t")],
    "ALTER TABLE t ADD CHECK (a > 0) NOT VALID": [("check-added", "t")],
    "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u": [
        ("foreign-key-added", "t"), ("scan-under-lock", "t")],
    "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT VALID": [("foreign-key-added", "t")],
    "ALTER TABLE t ADD UNIQUE (a)": [("unique-added", "t"), ("index-not-concurrent", "t")],
    "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i": [("unique-added", "t")],
    "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i DEFERRABLE": [
        ("unique-added", "t"), ("deferrable-uniqueness", "t")],
    "ALTER TABLE t ADD PRIMARY KEY USING INDEX i": [("primary-key-added", "t")],
    "ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)": [
        ("exclusion-added", "t"), ("index-not-concurrent", "t")],
    "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID": [("nullability-tightened", "t.a")],
    "ALTER TABLE t DROP CONSTRAINT c": [("constraint-removed", "t")],
    "ALTER TABLE t RENAME CONSTRAINT c TO d": [("constraint-renamed", "t")],
    # Tables and other objects
    "ALTER TABLE t RENAME TO u": [("table-removed", "t")],
    "ALTER TABLE t SET SCHEMA s": [("table-removed", "t")],
    "DROP TABLE s.t, public.u": [("table-removed", "s.t"), ("table-removed", "u")],
    "DROP VIEW v": [("table-removed", "v")],
    "DROP SCHEMA s": [("schema-removed", "s")],
    "DROP TYPE e": [("type-removed", "e")],
    "DROP FUNCTION f(int)": [("function-removed", "f")],
    "DROP EXTENSION x": [("extension-removed", "x")],
    "DROP TRIGGER g ON t": [("trigger-removed", "t")],
    "DROP DATABASE d": [("database-removed", "d")],
    "DROP INDEX CONCURRENTLY i": [("index-removed", "i")],
    "DROP INDEX i": [("index-removed", "i"), ("exclusive-lock-kept", "i")],
    "ALTER SCHEMA a RENAME TO b": [("schema-removed", "a")],
    "ALTER TABLE t SET UNLOGGED": [("persistence-changed", "t"), ("rewrite", "t")],
    "ALTER TABLE t INHERIT p": [("parents-changed", "t")],
    "ALTER TABLE t DETACH PARTITION p": [("partitioning-changed", "p")],
    "CREATE OR REPLACE VIEW v AS SELECT 1": [("view-definition-changed", "v")],
    "ALTER SEQUENCE s RENAME TO r": [("sequence-removed", "s")],
    "ALTER FUNCTION f(int) SET SCHEMA s": [("function-removed", "f")],
    "ALTER TABLE t OWNER TO bob": [("privilege-revoked", "t")],
    "ALTER FUNCTION f(int) OWNER TO bob": [("privilege-revoked", "f")],
    "DROP ROLE a, b": [("role-changed", "a"), ("role-changed", "b")],
    "CREATE TABLE s.n (a int); ALTER TABLE s.n RENAME TO m; TRUNCATE m": [("truncate", "m")],
    # Types
    "ALTER TYPE e ADD VALUE 'x'": [("enum-label-added", "e")],
    "ALTER TYPE e RENAME VALUE 'x' TO 'y'": [("enum-label-renamed", "e")],
    "ALTER TYPE c ADD ATTRIBUTE a int": [("type-changed", "c")],
    "ALTER DOMAIN d SET NOT NULL": [("domain-changed", "d"), ("scan-under-lock", "d")],
    "ALTER DOMAIN d ADD CHECK (value > 0) NOT VALID": [("domain-changed", "d")],
    "ALTER SEQUENCE s RESTART": [("sequence-changed", "s")],
    # Behaviour
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()": [
        ("trigger-added", "t")],
    "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING": [("rule-added", "t")],
    "CREATE POLICY p ON t": [("policy-added", "t")],
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY": [("row-security-changed", "t")],
    "ALTER TABLE t DISABLE TRIGGER ALL": [("triggers-disabled", "t")],
    "ALTER POLICY p ON t USING (true)": [("policy-changed", "t")],
    "REVOKE app FROM bob": [("privilege-revoked", "bob")],
    "ALTER ROLE CURRENT_USER NOLOGIN": [("role-changed", "CURRENT_USER")],
    "ALTER FUNCTION f(int) STRICT": [("function-changed", "f")],
    "REVOKE INSERT ON t FROM app": [("privilege-revoked", "t")],
    "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'": [
        ("function-changed", "f")],
    # Rows
    "TRUNCATE t, u": [("truncate", "t"), ("truncate", "u")],
    "UPDATE t SET a = 1": [("update-without-where", "t")],
    "UPDATE t SET a = u.a FROM u": [("update-without-where", "t")],
    "DELETE FROM t WHERE true": [("delete-without-where", "t")],
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone": [
        ("delete-without-where", "t")],
    "INSERT INTO schema_migrations VALUES (1)": [
        ("migrations-table-changed", "schema_migrations")],
    "EXPLAIN ANALYZE DELETE FROM t": [("delete-without-where", "t")],
    "COPY schema_migrations FROM STDIN": [("migrations-table-changed", "schema_migrations")],
    "COPY (DELETE FROM t RETURNING a) TO STDOUT": [("delete-without-where", "t")],
    # Locks and sessions
    "CREATE INDEX ON t (a)": [("index-not-concurrent", "t")],
    "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)": [("index-added", "t")],
    "BEGIN; CREATE INDEX CONCURRENTLY i ON t (a)": [("concurrently-in-block", "t")],
    "BEGIN; REINDEX (CONCURRENTLY) TABLE t": [("concurrently-in-block", "t")],
    "REINDEX TABLE t": [("index-not-concurrent", "t")],
    "LOCK TABLE t": [("exclusive-lock-kept", "t")],
    "CLUSTER t USING i": [("rewrite", "t")],
    "VACUUM FULL t": [("rewrite", "t")],
    "REFRESH MATERIALIZED VIEW v": [("exclusive-lock-kept", "v")],
    "SET lock_timeout = 0": [("lock-timeout-disabled", "lock_timeout")],
    "SET LOCAL session_replication_role = replica": [
        ("triggers-disabled", "session_replication_role")],
    "SET work_mem = '1GB'": [("setting-outlives-migration", "work_mem")],
    "SET random_page_cost = 1.1": [("setting-outlives-migration", "random_page_cost")],
    "SET TIME ZONE INTERVAL '1' HOUR TO MINUTE": [("setting-outlives-migration", "timezone")],
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY": [
        ("setting-outlives-migration", "session characteristics")],
    "ALTER SYSTEM SET work_mem = '1GB'": [("server-changed", "ALTER SYSTEM")],
    # Routines
    "DO $$ BEGIN DELETE FROM t; END $$": [("delete-without-where", "t")],
    "DO $$ BEGIN IF true THEN ALTER TABLE t DROP a; END IF; END $$": [("column-removed", "t.a")],
    "DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE t'; END $$": [("table-removed", "t")],
    "DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'T'); END $$": [("table-removed", "T")],
    "DO $$ DECLARE r t%ROWTYPE; BEGIN FOR r IN SELECT * FROM t LOOP r.a := 1; TRUNCATE u; "
    "END LOOP; END $$": [("truncate", "u")],
    "DO $$ DECLARE n int; BEGIN UPDATE t SET a = 1 RETURNING a INTO STRICT n; END $$": [
        ("update-without-where", "t")],
    "DO $$ BEGIN CASE WHEN true THEN DROP TABLE t; ELSE NULL; END CASE; "
    "EXCEPTION WHEN OTHERS THEN DROP TABLE u; END $$": [
        ("table-removed", "t"), ("table-removed", "u")],
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'; SELECT f()": [
        ("delete-without-where", "t")],
    "CREATE PROCEDURE f() BEGIN ATOMIC DELETE FROM t; END; CALL f()": [
        ("delete-without-where", "t")],
    "PREPARE p AS DELETE FROM t; EXECUTE p": [("delete-without-where", "t")],
    "DO $$ BEGIN EXECUTE 'DROP TABLE t'::text; END $$": [("table-removed", "t")],
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || quote_ident('order'); END $$": [
        ("table-removed", "order")],
    "DO $$ BEGIN EXECUTE format('DROP TABLE %I.%2$s; DELETE FROM t WHERE ''10%%''=%L', 's', 't', "
    "'x'); END $$": [("table-removed", "s.t"), ("delete-without-where", "t")],
    "DO $$ BEGIN EXECUTE format('DROP TABLE %2$I, %I', 'a', 'b', 'c'); END $$": [
        ("table-removed", "b"), ("table-removed", "c")],
    "DO $$ DECLARE c CURSOR FOR DELETE FROM t RETURNING a; d refcursor; BEGIN OPEN d FOR DELETE "
    "FROM u RETURNING a; OPEN d NO SCROLL FOR EXECUTE 'DELETE FROM v RETURNING a'; END $$": [
        ("delete-without-where", "t"), ("delete-without-where", "u"),
        ("delete-without-where", "v")],
    "DO $$ BEGIN FOR r IN EXECUTE 'DELETE FROM t RETURNING $1' USING 1 LOOP TRUNCATE u; END LOOP; "
    "END $$": [("delete-without-where", "t"), ("truncate", "u")],
    "CREATE FUNCTION f() RETURNS SETOF t LANGUAGE plpgsql AS $$ BEGIN "
    "RETURN QUERY EXECUTE 'DELETE FROM t RETURNING *'; RETURN QUERY DELETE FROM u RETURNING *; "
    "RETURN NEXT; END $$; SELECT f()": [
        ("delete-without-where", "t"), ("delete-without-where", "u")],
}  # fmt: skip

NOT_ANALYSED: Final = {
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || x; END $$": "EXECUTE 'DROP TABLE ' || x",
    "DO LANGUAGE plpython3u 'x'": "code in the language plpython3u",
    "SELECT my_function()": "what my_function() does",
    "CALL my_procedure()": "what my_procedure() does",
    "SELECT setval('s', 1)": "a sequence continues elsewhere",
    "DROP TABLE t CASCADE": "what CASCADE drops together with t",
    "ALTER TABLE t DROP a CASCADE": "what CASCADE drops together with t.a",
    "TRUNCATE t CASCADE": "which tables TRUNCATE … CASCADE empties",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE": "which rows of t MERGE changes",
    "IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c": "what IMPORT FOREIGN SCHEMA does",
    "EXECUTE prepared": "which is not prepared here",
    "SET search_path = other": "what later names and rights mean",
    "DROP OWNED BY app": "which objects app owns",
    "DO $$ BEGIN ALTER TABEL t DROP a; END $$": "cannot be parsed",
    "DROP TABEL t": "cannot be parsed",
    "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()": "the event trigger e",
    "ALTER EVENT TRIGGER e ENABLE": "the event trigger e",
    "DO $$ BEGIN RAISE NOTICE '%', my_function(); END $$": "what my_function() does",
    "DO $$ BEGIN RAISE no_data USING DETAIL := my_function(1); END $$": "what my_function() does",
    "SELECT " + "1 || " * 60 + "1": "nested too deeply",
    "SELECT pg_terminate_backend(1)": "another session is ended",
    "CALL pg_notify('a', my_function())": "what my_function() does",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN g(); SELECT f()": "what g() does",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC RETURN g(); END; SELECT f()": "what g() does",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql; SELECT g()": "what g() does",
    "COPY t FROM PROGRAM 'cat x'": "what the program of COPY does: cat x",
    "DROP SERVER s": "what follows from DROP SERVER s",
    "ALTER SERVER s RENAME TO r": "what follows from ALTER SERVER … RENAME TO r",
    "ALTER CONVERSION c SET SCHEMA s": "what follows from ALTER CONVERSION c SET SCHEMA s",
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || ; END $$": "EXECUTE 'DROP TABLE ' ||",
    "DO $$ BEGIN EXECUTE $$": "ends before it says anything",
    "DO $$ BEGIN RETURN QUERY; END $$": "ends before it says anything",
    "DO $$ BEGIN SELECT a INTO; DROP TABEL t; END $$": "cannot be parsed",
    "DO $$ BEGIN x[1 := 2; END $$": "cannot be parsed",
    'DO $$ BEGIN TRUNCATE "t; END $$': "a PL/pgSQL body: unterminated quoted identifier",
    "DO $$ BEGIN FOR r IN c LOOP NULL; END LOOP; END $$": "cannot be parsed",
    # A function may do anything, wherever it is called.
    "DO $$ BEGIN CASE WHEN f() THEN NULL; WHEN g() THEN NULL; END CASE; END $$": "what g() does",
    "DO $$ BEGIN LOOP EXIT WHEN f(); CONTINUE WHEN g(); END LOOP; END $$": "what g() does",
    "DO $$ BEGIN FOR i IN 1..10 BY f() LOOP NULL; END LOOP; END $$": "what f() does",
    "DO $$ BEGIN EXECUTE 'SELECT $1' INTO n USING f(); END $$": "what f() does",
}
