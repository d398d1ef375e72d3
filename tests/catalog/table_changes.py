"""Changes of tables and columns."""

from __future__ import annotations

from tests.catalog.change_case import TABLE, case

TABLES = {
    "table added": case("", TABLE, TableAdded="table t is new"),
    "table with a sequence added": case(
        "", "CREATE TABLE t (a serial)", TableAdded="table t is new"
    ),
    "table removed": case(
        "CREATE TABLE t (a serial PRIMARY KEY)", "DROP TABLE t", TableRemoved="table t is gone"
    ),
    "view added": case("", "CREATE VIEW v AS SELECT 1 AS x", TableAdded="view v is new"),
    "table replaced by a view": case(
        "CREATE TABLE t (a int NOT NULL, b text PRIMARY KEY)",
        "ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT a, b::varchar(3) AS b FROM u",
        TableKindChanged="t changed from an ordinary table to a view",
        ColumnTypeChanged="column t.b changed type from text to character varying(3)",
        TableAdded="table u is new",
    ),
    "table replaced by a partitioned one": case(
        "CREATE TABLE t (a int NOT NULL)",
        "DROP TABLE t; CREATE TABLE t (a int) PARTITION BY LIST (a)",
        TableKindChanged="t changed from an ordinary table to a partitioned table",
        PartitioningChanged="table t changed its partitioning from nothing to LIST (a)",
        NullabilityLoosened="column t.a now accepts NULL",
    ),
    "persistence": case(
        TABLE,
        "ALTER TABLE t SET UNLOGGED",
        PersistenceChanged="table t changed from permanent to unlogged",
    ),
    "inheritance": case(
        TABLE + "CREATE TABLE u (a int, b text)",
        "ALTER TABLE t INHERIT u",
        ParentsChanged="table t changed what it inherits from: nothing to u",
    ),
    "attached as a partition": case(
        TABLE + "CREATE TABLE u (a int, b text) PARTITION BY LIST (a)",
        "ALTER TABLE u ATTACH PARTITION t FOR VALUES IN (1)",
        ParentsChanged="table t changed what it inherits from: nothing to u",
        PartitioningChanged=("table t changed its partitioning from nothing to FOR VALUES IN (1)"),
    ),
    "view definition": case(
        "CREATE VIEW v AS SELECT 1 AS x",
        "CREATE OR REPLACE VIEW v AS SELECT 2 AS x",
        ViewDefinitionChanged="view v changed from SELECT 1 AS x to SELECT 2 AS x",
    ),
}

COLUMNS = {
    "column added": case(
        TABLE,
        "ALTER TABLE t ADD c int NOT NULL DEFAULT 7",
        ColumnAdded="column t.c is new: integer, not null, default 7",
    ),
    "serial column added": case(
        TABLE,
        "ALTER TABLE t ADD c serial",
        ColumnAdded=("column t.c is new: integer, not null, default nextval('t_c_seq'::regclass)"),
    ),
    "column removed": case(
        "CREATE TABLE t (a int, b serial)",
        "ALTER TABLE t DROP b",
        ColumnRemoved="column t.b is gone",
    ),
    "column type": case(
        TABLE,
        "ALTER TABLE t ALTER a TYPE bigint",
        ColumnTypeChanged="column t.a changed type from integer to bigint",
    ),
    "column precision": case(
        "CREATE TABLE t (a numeric(3,2))",
        "ALTER TABLE t ALTER a TYPE numeric(4,2)",
        ColumnTypeChanged="column t.a changed type from numeric(3,2) to numeric(4,2)",
    ),
    "column type becomes a domain": case(
        TABLE + "CREATE DOMAIN d AS text",
        "ALTER TABLE t ALTER b TYPE d",
        ColumnTypeChanged="column t.b changed type from text to d (text)",
    ),
    "not null": case(
        TABLE,
        "ALTER TABLE t ALTER a SET NOT NULL",
        NullabilityTightened="column t.a no longer accepts NULL",
    ),
    "null": case(
        "CREATE TABLE t (a int NOT NULL)",
        "ALTER TABLE t ALTER a DROP NOT NULL",
        NullabilityLoosened="column t.a now accepts NULL",
    ),
    "default added": case(
        TABLE,
        "ALTER TABLE t ALTER b SET DEFAULT 'x'",
        DefaultAdded="column t.b now has the default 'x'::text",
    ),
    "default changed": case(
        "CREATE TABLE t (a int DEFAULT 1)",
        "ALTER TABLE t ALTER a SET DEFAULT 2",
        DefaultChanged="column t.a changed default from 1 to 2",
    ),
    "default removed": case(
        "CREATE TABLE t (a int DEFAULT 1)",
        "ALTER TABLE t ALTER a DROP DEFAULT",
        DefaultRemoved="column t.a lost its default 1",
    ),
    "sequence no longer owned": case(
        "CREATE TABLE t (a serial)",
        "ALTER SEQUENCE t_a_seq OWNED BY NONE",
        DefaultChanged=(
            "column t.a changed whether it owns the sequence of its default "
            "nextval('t_a_seq'::regclass)"
        ),
        SequenceChanged="sequence t_a_seq changed owned by from t.a to nothing",
    ),
    "collation": case(
        TABLE,
        'ALTER TABLE t ALTER b TYPE text COLLATE "C"',
        CollationChanged='column t.b changed collation from its type\'s to "C"',
    ),
    "no longer generated": case(
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED)",
        "ALTER TABLE t ALTER b DROP EXPRESSION",
        GeneratedChanged=("column t.b changed from generated stored as (a + 1) to not generated"),
    ),
    "generated virtually": case(
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL)",
        "ALTER TABLE t ALTER b SET EXPRESSION AS (a + 2)",
        GeneratedChanged=(
            "column t.b changed from generated virtual as (a + 1) to generated virtual as (a + 2)"
        ),
    ),
    "identity": case(
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)",
        "ALTER TABLE t ALTER a SET GENERATED BY DEFAULT",
        IdentityChanged="column t.a changed identity from always to by default",
    ),
}
