"""Tables whose rows have to honour something."""

from __future__ import annotations

#: What needs a newer server than the oldest one.
SINCE = {"multiranges": 14, "nulls not distinct": 15, "not enforced": 18}

FILLABLE = {
    "every scalar type": """
CREATE TABLE scalars (
  a smallint NOT NULL, b integer NOT NULL, c bigint NOT NULL, d numeric NOT NULL,
  e numeric(3, 2) NOT NULL, f real NOT NULL, g double precision NOT NULL, h money NOT NULL,
  i text NOT NULL, j varchar(3) NOT NULL, k char(2) NOT NULL, l name NOT NULL, m bytea NOT NULL,
  n boolean NOT NULL, o date NOT NULL, p timestamp NOT NULL, q timestamptz(0) NOT NULL,
  r time NOT NULL, s timetz NOT NULL, t interval NOT NULL, u uuid NOT NULL, v json NOT NULL,
  w jsonb NOT NULL, x inet NOT NULL, y cidr NOT NULL, z macaddr NOT NULL, aa macaddr8 NOT NULL,
  ab bit(5) NOT NULL, ac varbit(7) NOT NULL, ad tsvector NOT NULL, ae tsquery NOT NULL,
  af point NOT NULL, ag box NOT NULL, ah circle NOT NULL, ai line NOT NULL, aj lseg NOT NULL,
  ak path NOT NULL, al polygon NOT NULL, am pg_lsn NOT NULL, an "char" NOT NULL, ao oid NOT NULL,
  ap numeric(5, 5) NOT NULL, aq bit NOT NULL, ar numeric(5) NOT NULL)""",
    "ranges and arrays": """
CREATE TABLE ranges (
  a int4range NOT NULL, b int8range NOT NULL, c numrange NOT NULL, d tsrange NOT NULL,
  e tstzrange NOT NULL, f daterange NOT NULL, h integer[] NOT NULL,
  i text[][] NOT NULL, j numeric(5, 1)[] NOT NULL, k jsonb[] NOT NULL, l varchar(4)[] NOT NULL)""",
    "multiranges": "CREATE TABLE spans (a int4multirange NOT NULL, b tstzmultirange NOT NULL)",
    "enums and domains": """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine');
CREATE DOMAIN share AS numeric(4, 3) CHECK (VALUE BETWEEN 0 AND 1);
CREATE DOMAIN half AS share CHECK (VALUE > 0.5) NOT NULL;
CREATE DOMAIN email AS text CHECK (VALUE ~ '^[^@ ]+@[^@ ]+\\.[a-z]{2,}$');
CREATE TABLE moods (
  a mood NOT NULL, b mood[] NOT NULL, c share NOT NULL, d half, e email NOT NULL)""",
    "checks of numbers": """
CREATE TABLE numbers (
  a integer NOT NULL CHECK (a > 100), b integer NOT NULL CHECK (b BETWEEN 5 AND 7),
  c integer NOT NULL CHECK (c < -3), d numeric(3, 2) NOT NULL CHECK (d >= 1 AND d <= 1.5),
  e bigint NOT NULL CHECK (e % 10 = 0), f double precision NOT NULL CHECK (f > 0 AND f < 1),
  g smallint NOT NULL CHECK (g IN (3, 5, 8)), h integer NOT NULL CHECK (h <> 0),
  low integer NOT NULL, high integer NOT NULL, CHECK (low < high), CHECK (high < 50))""",
    "checks of texts": """
CREATE TABLE texts (
  a text NOT NULL CHECK (a IN ('draft', 'sent')), b text NOT NULL CHECK (length(b) = 7),
  c text NOT NULL CHECK (c ~ '^[A-Z]{3}-[0-9]{4}$'), d text NOT NULL CHECK (d LIKE 'pool\\_%'),
  e text NOT NULL CHECK (e = lower(e)), f text NOT NULL CHECK (f ~* '^https?://'),
  g text NOT NULL CHECK (char_length(g) BETWEEN 2 AND 4), h text NOT NULL CHECK (h <> ''),
  i text NOT NULL CHECK (i ~ '^\\d{17,20}$'), j varchar(64) NOT NULL CHECK (length(j) = 64),
  k text NOT NULL CHECK (k ~ '^#[0-9a-f]{6}$'), l text NOT NULL CHECK (l ~ '^\\m[0-9]+$'))""",
    "checks of other types": """
CREATE TABLE others (
  a date NOT NULL CHECK (a >= '2030-06-01'), b jsonb NOT NULL CHECK (jsonb_typeof(b) = 'array'),
  c jsonb NOT NULL CHECK (c ? 'id' AND jsonb_typeof(c -> 'id') = 'number'),
  d text[] NOT NULL CHECK (cardinality(d) = 5),
  tags text[] NOT NULL CHECK (tags <@ ARRAY['new', 'old'] AND cardinality(tags) > 0),
  net inet NOT NULL CHECK (net IN ('192.168.0.1', '192.168.0.2')), e boolean NOT NULL CHECK (e),
  f timestamptz NOT NULL, g timestamptz NOT NULL, CHECK (f < g),
  h text, i text, CHECK ((h IS NULL) <> (i IS NULL)),
  kind text NOT NULL, amount integer, CHECK (kind <> 'paid' OR amount > 10))""",
    "keys with checks": """
CREATE TABLE keyed (
  id text PRIMARY KEY CHECK (id ~ '^[a-z]{3}[0-9]{3}$'), n integer NOT NULL UNIQUE CHECK (n > 1000),
  code char(4) NOT NULL UNIQUE, CHECK (code = upper(code)))""",
    "singleton": "CREATE TABLE singleton (id boolean PRIMARY KEY DEFAULT true CHECK (id), v text)",
    "references": """
CREATE TABLE authors (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE books (
  isbn text PRIMARY KEY, author integer NOT NULL REFERENCES authors,
  editor integer REFERENCES authors);
CREATE TABLE loans (
  isbn text REFERENCES books, author_id integer REFERENCES authors, PRIMARY KEY (isbn, author_id));
CREATE TABLE covers (isbn text PRIMARY KEY REFERENCES books, image bytea NOT NULL)""",
    "composite references": """
CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE users (
  tenant uuid REFERENCES tenants, name text, PRIMARY KEY (tenant, name));
CREATE TABLE rooms (
  tenant uuid REFERENCES tenants, number integer, PRIMARY KEY (tenant, number));
CREATE TABLE bookings (
  tenant uuid NOT NULL REFERENCES tenants, name text NOT NULL, number integer NOT NULL,
  FOREIGN KEY (tenant, name) REFERENCES users, FOREIGN KEY (tenant, number) REFERENCES rooms)""",
    "self-reference": """
CREATE TABLE nodes (id bigserial PRIMARY KEY, parent bigint REFERENCES nodes, label text)""",
    "required self-reference": """
CREATE TABLE people (name text PRIMARY KEY, boss text NOT NULL REFERENCES people)""",
    "cycle with a nullable key": """
CREATE TABLE teams (id serial PRIMARY KEY, captain integer);
CREATE TABLE players (id serial PRIMARY KEY, team integer NOT NULL REFERENCES teams);
ALTER TABLE teams ADD FOREIGN KEY (captain) REFERENCES players""",
    "cycle of required keys": """
CREATE TABLE hens (id text PRIMARY KEY, egg text NOT NULL);
CREATE TABLE eggs (id text PRIMARY KEY, hen text NOT NULL REFERENCES hens);
ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs""",
    "deferrable": """
CREATE TABLE hens (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, egg integer NOT NULL);
CREATE TABLE eggs (
  id serial PRIMARY KEY, hen integer NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED
  REFERENCES hens DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs DEFERRABLE INITIALLY DEFERRED""",
    "identity and generated": """
CREATE TABLE squares (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, side numeric(6, 2) NOT NULL,
  area numeric GENERATED ALWAYS AS (side * side) STORED)""",
    "only a sequence": "CREATE TABLE tickets (id serial PRIMARY KEY)",
    "exclusion": """
CREATE TABLE bookings (
  room int4range NOT NULL, during tstzrange NOT NULL,
  EXCLUDE USING gist (room WITH &&, during WITH &&))""",
    "range partitions": """
CREATE TABLE events (at timestamptz NOT NULL, what text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2031 PARTITION OF events FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
CREATE TABLE events_2032 PARTITION OF events FOR VALUES FROM ('2032-01-01') TO ('2033-01-01')""",
    "list and hash partitions": """
CREATE TABLE orders (region text NOT NULL, id integer NOT NULL) PARTITION BY LIST (region);
CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('de', 'fr') PARTITION BY HASH (id);
CREATE TABLE orders_eu_0 PARTITION OF orders_eu FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE orders_eu_1 PARTITION OF orders_eu FOR VALUES WITH (MODULUS 2, REMAINDER 1)""",
    "immutable": """
CREATE TABLE journal (id serial PRIMARY KEY, entry text NOT NULL, replaces integer);
ALTER TABLE journal ADD FOREIGN KEY (replaces) REFERENCES journal;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'immutable'; END$$;
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION refuse()""",
    "forced row security": """
CREATE TABLE notes (owner text NOT NULL, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON notes
  USING (owner = 'me')""",
    "forced row security that restricts": """
CREATE TABLE notes (owner text NOT NULL, body text NOT NULL);
CREATE POLICY anybody ON notes USING (true);
CREATE POLICY mine ON notes AS RESTRICTIVE FOR INSERT WITH CHECK (owner = 'me');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY""",
    "not enforced": "CREATE TABLE loose (a integer NOT NULL CHECK (a > 5 AND a < 3) NOT ENFORCED)",
    "keys that are each other's": """
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE profiles (id integer PRIMARY KEY REFERENCES users DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE users ADD FOREIGN KEY (id) REFERENCES profiles DEFERRABLE INITIALLY DEFERRED""",
    "names that refer to each other": """
CREATE TABLE hens (hen_id text PRIMARY KEY, egg_id text NOT NULL, nest_id text NOT NULL);
CREATE TABLE eggs (egg_id text PRIMARY KEY, hen_id text NOT NULL, nest_id integer);
CREATE TABLE nests (nest_id text PRIMARY KEY, hen_id text NOT NULL)""",
    "names that refer to the same table by two ways": """
CREATE TABLE towns (town_id text PRIMARY KEY);
CREATE TABLE streets (street text PRIMARY KEY, town text NOT NULL REFERENCES towns);
CREATE TABLE parks (park text PRIMARY KEY, town text NOT NULL REFERENCES towns);
CREATE TABLE corners (
  corner_id text PRIMARY KEY, street text NOT NULL REFERENCES streets,
  park text NOT NULL REFERENCES parks);
CREATE TABLE lamps (lamp integer NOT NULL, corner_id text NOT NULL)""",
    "names to be quoted": '''
CREATE TABLE "Order" (
  "select" text PRIMARY KEY, "User Id" text NOT NULL, "per%cent" integer NOT NULL,
  "say ""hi""" text NOT NULL CHECK ("say ""hi""" <> ''), "{}" text NOT NULL)''',
    "nulls not distinct": """
CREATE TABLE pairs (a integer, b integer, UNIQUE NULLS NOT DISTINCT (a, b))""",
    "an enum as key": """
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE colours (colour colour PRIMARY KEY, hex text NOT NULL)""",
    "partial and expression indexes": """
CREATE TABLE slots (id serial PRIMARY KEY, name text NOT NULL, active boolean NOT NULL);
CREATE UNIQUE INDEX ON slots (lower(name)) WHERE active""",
}
