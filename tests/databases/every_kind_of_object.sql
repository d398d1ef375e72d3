CREATE TABLE plain (id serial PRIMARY KEY, name text, payload jsonb);
CREATE TABLE with_rows (id integer PRIMARY KEY, word text NOT NULL, twice integer GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO with_rows VALUES (1, 'one'), (2, E'two\ttabs\nand lines\\'), (3, 'drei ✓');
CREATE TABLE child (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plain_id integer REFERENCES plain ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (plain_id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE immutable (id serial PRIMARY KEY, word text);
INSERT INTO immutable (word) VALUES ('never changes');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON immutable
  FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TABLE ruled (id integer);
CREATE RULE keep AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE TABLE secured (id integer);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
ALTER TABLE secured FORCE ROW LEVEL SECURITY;
CREATE POLICY insert_only ON secured FOR INSERT WITH CHECK (true);
CREATE TABLE parted (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE parted_2026 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE parent (id integer);
CREATE TABLE heir (more text) INHERITS (parent);
CREATE UNLOGGED TABLE unlogged (id integer);
CREATE SCHEMA other;
CREATE TABLE other."odd ""Name" (id serial, "a column" text);
CREATE SEQUENCE free START 5 INCREMENT 5;
CREATE VIEW seen AS SELECT * FROM plain;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM plain;
CREATE TABLE counted_by_trigger (n integer);
INSERT INTO counted_by_trigger VALUES (0);
CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN UPDATE counted_by_trigger SET n = n + 1; RETURN NULL; END $$;
CREATE TRIGGER counts AFTER INSERT ON plain FOR EACH ROW EXECUTE FUNCTION count_up();
