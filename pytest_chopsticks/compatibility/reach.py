"""Which tables' statements a change may matter to, beyond the tables that it locks.

A function or a type matters to the tables whose triggers, defaults, checks, indexes or columns
depend on it. The bodies of functions are bound to nothing before they run: they matter to whatever
names them or is named in them, and a body that puts statements together may name anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.compatibility.watching import DdlEvent

#: What event triggers call the objects that belong to one table, and to nothing else.
_OF_ONE_TABLE = frozenset(
    {
        "table",
        "table column",
        "table constraint",
        "index",
        "sequence",
        "trigger",
        "rule",
        "policy",
        "default value",
    }
)
_ROUTINES = frozenset({"function", "procedure"})
_LANGUAGES_READ = frozenset({"sql", "plpgsql"})
_RUNS_TEXTS = re.compile(r"\bexecute\b", re.IGNORECASE)

_BODIES = """
SELECT p.oid::bigint, p.proname::text, l.lanname::text, p.prosrc
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE l.lanname NOT IN ('c', 'internal') AND p.pronamespace <> ALL (ARRAY(
  SELECT n.oid FROM pg_catalog.pg_namespace n
  WHERE n.nspname IN ('pg_catalog', 'information_schema', 'chopsticks_watch')
))
"""

# A function or type of the same name elsewhere: which one an old statement means may have changed.
_CHANGED = """
SELECT found.class::text, found.oid::bigint, found.name, found.others FROM (
  SELECT 'pg_proc' AS class, p.oid, p.proname::text AS name, EXISTS (
    SELECT FROM pg_catalog.pg_proc o WHERE o.proname = p.proname AND o.oid <> p.oid) AS others
  FROM unnest(%(routines)s::text[]) AS r (identity)
  JOIN pg_catalog.pg_proc p ON p.oid = pg_catalog.to_regprocedure(r.identity)
  UNION ALL
  SELECT 'pg_type', t.oid, t.typname::text, EXISTS (
    SELECT FROM pg_catalog.pg_type o WHERE o.typname = t.typname AND o.oid <> t.oid)
  FROM unnest(%(types)s::text[]) AS r (identity)
  JOIN pg_catalog.pg_type t ON t.oid = pg_catalog.to_regtype(r.identity)
) AS found
"""

_TABLES = """
SELECT 'pg_class', c.oid::bigint FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = ANY (%s)
"""

# One step: from each object to what depends on it, or to the table that such a thing belongs to.
# Of what depends on a table only rules, views and functions are affected by what is done with it,
# and the tables that its foreign keys pass deletes and updates on from.
_DEPENDENTS = """
WITH changed AS (
  SELECT ('pg_catalog.' || class)::regclass::oid AS classid, oid
  FROM unnest(%(classes)s::text[], %(oids)s::oid[]) AS c (class, oid)
),
dependent AS (
  SELECT d.classid::regclass::text AS class, d.classid, d.objid
  FROM pg_catalog.pg_depend d
  JOIN changed c ON c.classid = d.refclassid AND c.oid = d.refobjid
  WHERE d.deptype IN ('n', 'a', 'i') AND (
    d.refclassid <> 'pg_catalog.pg_class'::regclass
    OR d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_proc'::regclass)
  )
),
found AS (
  SELECT 'pg_class' AS class, t.tgrelid AS oid FROM dependent d
  JOIN pg_catalog.pg_trigger t ON d.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.objid
  UNION
  SELECT CASE WHEN t.conrelid = 0 THEN 'pg_type' ELSE 'pg_class' END,
         CASE WHEN t.conrelid = 0 THEN t.contypid ELSE t.conrelid END FROM dependent d
  JOIN pg_catalog.pg_constraint t
    ON d.classid = 'pg_catalog.pg_constraint'::regclass AND t.oid = d.objid
  UNION
  SELECT 'pg_class', t.adrelid FROM dependent d
  JOIN pg_catalog.pg_attrdef t ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND t.oid = d.objid
  UNION
  SELECT 'pg_class', t.ev_class FROM dependent d
  JOIN pg_catalog.pg_rewrite t ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND t.oid = d.objid
  UNION
  SELECT 'pg_class', t.polrelid FROM dependent d
  JOIN pg_catalog.pg_policy t ON d.classid = 'pg_catalog.pg_policy'::regclass AND t.oid = d.objid
  UNION
  SELECT 'pg_class', coalesce(t.indrelid, d.objid) FROM dependent d
  LEFT JOIN pg_catalog.pg_index t ON t.indexrelid = d.objid
  WHERE d.classid = 'pg_catalog.pg_class'::regclass
  UNION
  SELECT 'pg_class', t.confrelid FROM changed c
  JOIN pg_catalog.pg_constraint t
    ON c.classid = 'pg_catalog.pg_class'::regclass AND t.conrelid = c.oid
  WHERE t.contype = 'f'
    AND (t.confdeltype IN ('c', 'n', 'd') OR t.confupdtype IN ('c', 'n', 'd'))
  UNION
  SELECT 'pg_class', CASE WHEN t.inhrelid = c.oid THEN t.inhparent ELSE t.inhrelid END
  FROM changed c
  JOIN pg_catalog.pg_inherits t
    ON c.classid = 'pg_catalog.pg_class'::regclass AND c.oid IN (t.inhrelid, t.inhparent)
  UNION
  SELECT d.class, d.objid FROM dependent d
  WHERE d.class NOT IN (
    'pg_trigger', 'pg_constraint', 'pg_attrdef', 'pg_rewrite', 'pg_policy', 'pg_class'
  )
)
SELECT f.class, f.oid::bigint, c.relname::text FROM found f
LEFT JOIN pg_catalog.pg_class c ON f.class = 'pg_class' AND c.oid = f.oid
"""

_FOLLOWED = frozenset({"pg_class", "pg_proc", "pg_type"})

Object = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Body:
    """What a function that is not compiled has to say."""

    oid: int
    name: str
    language: str
    source: str

    def may_mention(self, names: re.Pattern[str]) -> bool:
        unread = self.language not in _LANGUAGES_READ or _RUNS_TEXTS.search(self.source)
        return bool(unread or names.search(self.source))


def reached_tables(
    connection: psycopg.Connection[Any],
    schema: str,
    touched: Collection[str],
    events: Iterable[DdlEvent],
    gone: Iterable[str] = (),
) -> frozenset[str] | None:
    """The touched tables and those that are reached from them and from what the events tell of.

    `gone` are the functions that are no longer there under their names: the event of a renaming
    only tells the new one. None where it may be all of them. Looks at the catalog as it is after
    the events.
    """
    changed = [one for one in events if one.object_type.lower() not in _OF_ONE_TABLE]
    changed = [one for one in changed if one.command != "COMMENT"]
    routines = [one.object for one in changed if one.object_type in _ROUTINES]
    types = [one.object for one in changed if one.object_type == "type"]
    followed = {*routines, *types} - {""}
    if any(one.kind == "command" and one.object not in followed for one in changed):
        return None
    found = connection.execute(_CHANGED, {"routines": routines, "types": types}).fetchall()
    if any(others for *_, others in found):
        return None
    names = {*touched, *map(_last_name, [*(one.object for one in changed), *gone])}
    objects: list[Object] = [(kind, oid) for kind, oid, _, _ in found]
    if touched:
        objects += connection.execute(_TABLES, [schema, list(touched)]).fetchall()
    return _closure(connection, objects, names, touched)


def _closure(
    connection: psycopg.Connection[Any],
    objects: list[Object],
    names: set[str],
    touched: Collection[str],
) -> frozenset[str] | None:
    bodies = [_Body(*row) for row in connection.execute(_BODIES)]
    tables, known, fresh = set(touched), set(objects), objects
    while fresh or bodies:
        mentioning = _mentioning(bodies, names)
        bodies = [body for body in bodies if body not in mentioning]
        names |= {body.name for body in mentioning}
        waiting = [*fresh, *(("pg_proc", body.oid) for body in mentioning)]
        if not waiting:
            break
        known |= set(waiting)
        fresh = []
        for kind, oid, name in _dependents(connection, waiting):
            if kind not in _FOLLOWED:
                return None
            if (kind, oid) not in known:
                fresh.append((kind, oid))
            if name is not None:
                names.add(name)
                tables.add(name)
    return frozenset(tables)


def _mentioning(bodies: Collection[_Body], names: Collection[str]) -> list[_Body]:
    if not names:
        return []
    words = "|".join(re.escape(name) for name in names)
    pattern = re.compile(rf"(?<![\w$])(?:{words})(?![\w$])", re.IGNORECASE)
    return [body for body in bodies if body.may_mention(pattern)]


def _dependents(
    connection: psycopg.Connection[Any], objects: Collection[Object]
) -> list[tuple[str, int, str | None]]:
    classes, oids = zip(*objects, strict=True)
    parameters = {"classes": list(classes), "oids": list(oids)}
    return connection.execute(_DEPENDENTS, parameters).fetchall()


def _last_name(identity: str) -> str:
    """`public.widen(integer)` is widen, `public.mood[]` is mood."""
    name = identity.partition("(")[0].removesuffix("[]").rpartition(".")[2]
    return name.strip('"')
