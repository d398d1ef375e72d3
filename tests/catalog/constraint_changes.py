"""Changes of constraints and indexes."""

from __future__ import annotations

from tests.catalog.change_case import TABLE, case

REFERENCED = "CREATE TABLE r (id int PRIMARY KEY); CREATE TABLE t (a int, b int);"
FOREIGN_KEY = "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES r"

CONSTRAINTS = {
    "primary key added": case(
        "CREATE TABLE t (a int NOT NULL)",
        "ALTER TABLE t ADD PRIMARY KEY (a)",
        PrimaryKeyAdded="primary key (a) of t is new",
    ),
    "primary key removed": case(
        "CREATE TABLE t (a int NOT NULL, PRIMARY KEY (a))",
        "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ALTER a SET NOT NULL",
        PrimaryKeyRemoved="primary key (a) of t is gone",
    ),
    "primary key changed": case(
        "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))",
        "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT other PRIMARY KEY (b, a)",
        PrimaryKeyChanged="primary key (a, b) of t changed columns from (a, b) to (b, a)",
        ConstraintRenamed="constraint t_pkey of t is now called other",
    ),
    "unique added": case(
        TABLE, "ALTER TABLE t ADD UNIQUE (a, b)", UniqueAdded="unique constraint (a, b) of t is new"
    ),
    "unique removed": case(
        "CREATE TABLE t (a int UNIQUE)",
        "ALTER TABLE t DROP CONSTRAINT t_a_key",
        UniqueRemoved="unique constraint (a) of t is gone",
    ),
    "unique became deferrable": case(
        "CREATE TABLE t (a int UNIQUE)",
        "ALTER TABLE t DROP CONSTRAINT t_a_key, ADD UNIQUE (a) DEFERRABLE",
        UniqueChanged="unique constraint (a) of t changed deferrable from false to true",
    ),
    "unique counts NULLs": case(
        "CREATE TABLE t (a int UNIQUE)",
        "ALTER TABLE t DROP CONSTRAINT t_a_key, ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a)",
        UniqueChanged="unique constraint (a) of t changed nulls not distinct from false to true",
        ConstraintRenamed="constraint t_a_key of t is now called u",
    ),
    "check added": case(
        TABLE, "ALTER TABLE t ADD CHECK (a > 0)", CheckAdded="check (a > 0) of t is new"
    ),
    "check removed": case(
        "CREATE TABLE t (a int CHECK (a > 0))",
        "ALTER TABLE t DROP CONSTRAINT t_a_check",
        CheckRemoved="check (a > 0) of t is gone",
    ),
    "check changed": case(
        "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0))",
        "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 1)",
        CheckChanged="check (a > 0) of t changed expression from (a > 0) to (a > 1)",
    ),
    "check validated": case(
        TABLE + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        CheckChanged="check (a > 0) of t changed validated from false to true",
    ),
    "check not enforced": case(
        "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0))",
        "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED",
        CheckChanged=(
            "check (a > 0) of t changed validated from true to false, enforced from true to false"
        ),
    ),
    "foreign key added": case(
        REFERENCED, FOREIGN_KEY, ForeignKeyAdded="foreign key (a) to r (id) of t is new"
    ),
    "foreign key removed": case(
        REFERENCED + FOREIGN_KEY,
        "ALTER TABLE t DROP CONSTRAINT k",
        ForeignKeyRemoved="foreign key (a) to r (id) of t is gone",
    ),
    "foreign key validated": case(
        REFERENCED + FOREIGN_KEY + " NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT k",
        ForeignKeyChanged="foreign key (a) to r (id) of t changed validated from false to true",
    ),
    "foreign key deferred": case(
        REFERENCED + FOREIGN_KEY,
        "ALTER TABLE t ALTER CONSTRAINT k DEFERRABLE INITIALLY DEFERRED",
        ForeignKeyChanged=(
            "foreign key (a) to r (id) of t changed deferrable from false to true, "
            "initially deferred from false to true"
        ),
    ),
    "foreign key cascades": case(
        REFERENCED + FOREIGN_KEY,
        f"ALTER TABLE t DROP CONSTRAINT k; {FOREIGN_KEY} ON DELETE SET NULL (a)",
        ForeignKeyChanged=(
            "foreign key (a) to r (id) of t changed on delete from NO ACTION to SET NULL, "
            "on delete columns from nothing to (a)"
        ),
    ),
    "exclusion added": case(
        TABLE,
        "ALTER TABLE t ADD EXCLUDE (a WITH =)",
        ExclusionAdded="exclusion constraint EXCLUDE USING btree (a WITH =) of t is new",
    ),
    "exclusion removed": case(
        "CREATE TABLE t (a int, EXCLUDE (a WITH =))",
        "ALTER TABLE t DROP CONSTRAINT t_a_excl",
        ExclusionRemoved="exclusion constraint EXCLUDE USING btree (a WITH =) of t is gone",
    ),
    "exclusion changed": case(
        "CREATE TABLE t (a int, CONSTRAINT e EXCLUDE (a WITH =))",
        "ALTER TABLE t DROP CONSTRAINT e, ADD CONSTRAINT e EXCLUDE USING hash (a WITH =)",
        ExclusionChanged=(
            "exclusion constraint EXCLUDE USING btree (a WITH =) of t changed definition from "
            "EXCLUDE USING btree (a WITH =) to EXCLUDE USING hash (a WITH =)"
        ),
    ),
    "constraint renamed": case(
        "CREATE TABLE t (a int CHECK (a > 0))",
        "ALTER TABLE t RENAME CONSTRAINT t_a_check TO positive",
        ConstraintRenamed="constraint t_a_check of t is now called positive",
    ),
    "one of two equal checks removed": case(
        "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0) CONSTRAINT d CHECK (a > 0))",
        "ALTER TABLE t DROP CONSTRAINT c",
        CheckRemoved="check (a > 0) of t is gone",
    ),
}

INDEXES = {
    "index added": case(
        TABLE,
        "CREATE INDEX ON t (b text_pattern_ops DESC, lower(b)) INCLUDE (a) WHERE a > 0",
        IndexAdded=(
            "index on t (b text_pattern_ops DESC, lower(b)) INCLUDE (a) WHERE (a > 0) is new"
        ),
    ),
    "index removed": case(
        TABLE + "CREATE INDEX i ON t (a DESC)",
        "DROP INDEX i",
        IndexRemoved="index on t (a DESC) is gone",
    ),
    "index replaced": case(
        TABLE + "CREATE INDEX i ON t (a)",
        "DROP INDEX i; CREATE UNIQUE INDEX i ON t USING btree (a NULLS FIRST)",
        IndexRemoved="index on t (a) is gone",
        IndexAdded="unique index on t (a NULLS FIRST) is new",
    ),
    "index invalid": case(
        TABLE + "CREATE INDEX i ON t (a)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass",
        IndexValidityChanged="index on t (a) is now invalid",
    ),
    "index renamed": case(
        TABLE + "CREATE INDEX i ON t (a)",
        "ALTER INDEX i RENAME TO j",
        IndexRenamed="index i on t is now called j",
    ),
    "index on another column": case(
        TABLE + "CREATE INDEX i ON t USING hash (a)",
        "DROP INDEX i; CREATE INDEX i ON t USING hash (b)",
        IndexRemoved="index on t USING hash (a) is gone",
        IndexAdded="index on t USING hash (b) is new",
    ),
}
