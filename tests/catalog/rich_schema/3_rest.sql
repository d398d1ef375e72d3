CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

CREATE TABLE event_rest PARTITION OF event DEFAULT;

CREATE TABLE derived (extra TEXT) INHERITS (base);

ALTER TABLE pet ADD CONSTRAINT owned FOREIGN KEY (owner_id) REFERENCES owner
  ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE NOT VALID;

CREATE INDEX pet_price ON pet (price DESC NULLS LAST, lower(id::text)) INCLUDE (kind, tag)
  WHERE "order" > 0 AND kind <> 'sad';

CREATE UNIQUE INDEX owner_name ON owner (name text_pattern_ops, email COLLATE "POSIX" NULLS FIRST);

CREATE INDEX owner_json ON owner USING gin (json jsonb_path_ops);

CREATE INDEX owner_born ON owner USING brin (born);

CREATE INDEX owner_year ON owner (extract(year from born), (points + 1), (changed AT TIME ZONE 'UTC'));

CREATE TRIGGER stamped BEFORE UPDATE OF name, email OR INSERT ON owner
  FOR EACH ROW WHEN (NEW.name <> 'x''y') EXECUTE FUNCTION stamp();

CREATE TRIGGER kept BEFORE TRUNCATE ON pet FOR EACH STATEMENT EXECUTE FUNCTION refuse('a', 'b c');

CREATE CONSTRAINT TRIGGER late AFTER DELETE ON pet DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.price > 2) EXECUTE FUNCTION refuse();

CREATE TRIGGER spread AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse();

CREATE RULE quiet AS ON DELETE TO base WHERE OLD.note = 'keep' DO INSTEAD NOTHING;

CREATE RULE also AS ON INSERT TO base DO ALSO INSERT INTO cache VALUES (NEW.id::text, NEW.note);

ALTER TABLE pet ENABLE ROW LEVEL SECURITY;

CREATE POLICY mine ON pet FOR SELECT TO CURRENT_USER, pg_monitor USING (owner_id = 1);

CREATE POLICY sane ON pet AS RESTRICTIVE FOR INSERT WITH CHECK (price < 3 AND owner_id IN (SELECT id FROM owner));

CREATE VIEW cheap AS SELECT p.id, p.price AS cost FROM pet p WHERE p.price < 2 ORDER BY p.id;

CREATE VIEW plain AS SELECT * FROM owner WHERE "Mixed Case" = 'a  b';

CREATE VIEW joined AS
  SELECT p.id, o.name FROM pet p JOIN owner o ON o.id = p.owner_id WHERE o.email IS NOT NULL;

CREATE MATERIALIZED VIEW counted AS SELECT kind, count(*) AS n FROM pet GROUP BY kind;

GRANT SELECT, INSERT ON pet TO pg_monitor WITH GRANT OPTION;

GRANT UPDATE (name) ON owner TO PUBLIC;

REVOKE DELETE ON cache FROM CURRENT_USER;
