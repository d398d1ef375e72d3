"""DROP, RENAME, SET SCHEMA and OWNER TO, of anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgast.pg_query_pb2 import DropBehavior, ObjectType

from pytest_chopsticks.compatibility.reading.context import Names, NotAnalysed
from pytest_chopsticks.compatibility.reading.naming import joined, object_parts, relation_name
from pytest_chopsticks.compatibility.reading.rules.object_kinds import (
    HARMLESS_REMOVAL,
    HARMLESS_RENAME,
    OF_TABLE,
    RELATIONS,
    REMOVAL,
    RENAME,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark


def drop(node: Any, context: Context) -> Iterator[Remark]:
    kind = ObjectType.Name(node.remove_type)
    cascades = node.behavior == DropBehavior.DROP_CASCADE
    for target in node.objects:
        parts = object_parts(target)
        if kind in HARMLESS_REMOVAL:
            continue
        yield from _dropped(kind, parts, context)
        if cascades:
            yield NotAnalysed(f"what CASCADE drops together with {joined(parts)}")
        if kind == "OBJECT_INDEX" and not node.concurrent:
            index = joined(parts)
            what = f"DROP INDEX {index} without CONCURRENTLY waits for its table, and blocks it"
            yield from context.claim("exclusive-lock-kept", index, what, table=index)


def _dropped(kind: str, parts: tuple[str, ...], context: Context) -> Iterator[Remark]:
    if kind not in REMOVAL:
        yield NotAnalysed(f"what follows from {context.command} {joined(parts)}")
        return
    rule, noun, consequence = REMOVAL[kind]
    of_table = kind in OF_TABLE
    subject = joined(parts[:-1] if of_table else parts)
    named = f"{noun} {parts[-1]} of {subject}" if of_table else f"{noun} {subject}"
    if of_table or kind in RELATIONS:
        yield Names(frozenset({subject}))
    yield from context.claim(rule, subject, f"{named} is dropped: {consequence}", table=subject)


def rename(node: Any, context: Context) -> Iterator[Remark]:
    kind = ObjectType.Name(node.rename_type)
    if kind == "OBJECT_COLUMN":
        yield from _renamed_column(node, context)
    elif kind in RELATIONS:
        yield from _renamed_relation(node, kind, context)
    elif kind in RENAME:
        yield from _renamed(node, kind, context)
    elif kind not in HARMLESS_RENAME:
        yield NotAnalysed(f"what follows from {context.command} … RENAME TO {node.newname}")


def _renamed_column(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation)
    column = f"{table}.{node.subname}"
    what = f"column {column} is renamed to {node.newname}: statements that name it fail"
    yield from context.claim("column-removed", column, what, table=table)


def _renamed_relation(node: Any, kind: str, context: Context) -> Iterator[Remark]:
    name = relation_name(node.relation)
    rule, noun = RELATIONS[kind]
    what = f"{noun} {name} is renamed to {node.newname}: old statements do not find it"
    yield from context.claim(rule, name, what, table=name)
    if context.scope.is_new(name):
        context.scope.moved(name, joined((node.relation.schemaname, node.newname)))


def _renamed(node: Any, kind: str, context: Context) -> Iterator[Remark]:
    rule, noun = RENAME[kind]
    of_relation = node.HasField("relation")
    subject = relation_name(node.relation) if of_relation else joined(object_parts(node.object))
    was = node.subname or subject
    what = f"{noun} {was} is renamed to {node.newname}: old statements know the old name"
    yield from context.claim(rule, subject or was, what, table=subject)
    if context.scope.is_new(subject) and not of_relation:
        parts = object_parts(node.object)
        context.scope.moved(subject, joined((*parts[:-1], node.newname)))


def set_schema(node: Any, context: Context) -> Iterator[Remark]:
    kind = ObjectType.Name(node.object_type)
    of_relation = node.HasField("relation")
    name = relation_name(node.relation) if of_relation else joined(object_parts(node.object))
    if kind not in REMOVAL:
        yield NotAnalysed(f"what follows from {context.command} {name} SET SCHEMA {node.newschema}")
        return
    rule, noun, _ = REMOVAL[kind]
    what = f"{noun} {name} moves to schema {node.newschema}: old statements do not find it"
    yield from context.claim(rule, name, what, table=name)
    if context.scope.is_new(name):
        context.scope.moved(name, joined((node.newschema, name.rpartition(".")[2])))


def owner(node: Any, context: Context) -> Iterator[Remark]:
    of_relation = node.HasField("relation")
    name = relation_name(node.relation) if of_relation else joined(object_parts(node.object))
    what = f"{name} gets another owner: the old one may lose access"
    yield from context.claim("privilege-revoked", name, what, table=name)


def drop_owned(node: Any, context: Context) -> Iterator[Remark]:
    roles = ", ".join(role.role_spec.rolename or "the current role" for role in node.roles)
    what = f"{context.command}: what {roles} owns is dropped or changes hands"
    yield from context.claim("owned-removed", roles, what)
    yield NotAnalysed(f"which objects {roles} owns")


def drop_database(node: Any, context: Context) -> Iterator[Remark]:
    what = f"database {node.dbname} is dropped"
    yield from context.claim("database-removed", node.dbname, what)


def drop_roles(node: Any, context: Context) -> Iterator[Remark]:
    for role in node.roles:
        name = role.role_spec.rolename
        what = f"role {name} is dropped: who connects with it cannot"
        yield from context.claim("role-changed", name, what)
