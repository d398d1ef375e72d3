"""What stands between a statement and its rows: triggers, rules, policies, views, privileges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgast.pg_query_pb2 import GrantTargetType, ObjectType, RoleSpecType

from pytest_chopsticks.compatibility.reading.context import NotAnalysed
from pytest_chopsticks.compatibility.reading.naming import dotted, object_parts, relation_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark


def create_trigger(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation)
    function = dotted(node.funcname)
    what = f"trigger {node.trigname} on {table} runs {function}() on old writes too"
    place = node.relation.location
    yield from context.claim("trigger-added", table, what, place, table=table)


def create_event_trigger(node: Any, _context: Context) -> Iterator[Remark]:
    yield NotAnalysed(f"what the event trigger {node.trigname} does to later commands")


def alter_event_trigger(node: Any, _context: Context) -> Iterator[Remark]:
    if node.tgenabled != "D":
        yield NotAnalysed(f"what the event trigger {node.trigname} does to later commands")


def create_rule(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation)
    instead = "something else is done instead of" if node.instead else "more is done on"
    what = f"rule {node.rulename} on {table}: {instead} old statements"
    place = node.relation.location
    yield from context.claim("rule-added", table, what, place, table=table)


def create_policy(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.table)
    what = f"policy {node.policy_name} on {table}: which rows old statements see changes"
    yield from context.claim("policy-added", table, what, node.table.location, table=table)


def alter_policy(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.table)
    what = f"policy {node.policy_name} on {table} changes: which rows old statements see"
    yield from context.claim("policy-changed", table, what, node.table.location, table=table)


def create_view(node: Any, context: Context) -> Iterator[Remark]:
    view = relation_name(node.view)
    if node.replace:
        what = f"view {view} is replaced if it is there: old queries on it see something else"
        place = node.view.location
        yield from context.claim("view-definition-changed", view, what, place, table=view)


def grant(node: Any, context: Context) -> Iterator[Remark]:
    """GRANT takes nothing from anybody."""
    if node.is_grant:
        return
    privileges = ", ".join(one.access_priv.priv_name or "all" for one in node.privileges) or "all"
    roles = ", ".join(_role(one.role_spec) for one in node.grantees)
    kind = ObjectType.Name(node.objtype).removeprefix("OBJECT_").lower()
    everywhere = node.targtype == GrantTargetType.ACL_TARGET_ALL_IN_SCHEMA
    for target in node.objects:
        relation = target.range_var if target.HasField("range_var") else None
        name = relation_name(relation) if relation else ".".join(object_parts(target))
        subject = f"all of schema {name}" if everywhere else name
        what = f"REVOKE {privileges} on {kind} {subject} from {roles}: their old statements fail"
        place = relation.location if relation else 0
        table = name if relation else None
        yield from context.claim("privilege-revoked", subject, what, place, table=table)


def grant_role(node: Any, context: Context) -> Iterator[Remark]:
    if not node.is_grant:
        roles = ", ".join(_role(one.role_spec) for one in node.grantee_roles)
        what = f"{roles} leaves a role: what it could do by it is refused"
        yield from context.claim("privilege-revoked", roles, what)


def alter_role(node: Any, context: Context) -> Iterator[Remark]:
    name = _role(node.role)
    what = f"role {name} is altered: who connects with it may be refused"
    yield from context.claim("role-changed", name, what)


def _role(role: Any) -> str:
    named = role.roletype == RoleSpecType.ROLESPEC_CSTRING
    return (
        str(role.rolename) if named else RoleSpecType.Name(role.roletype).removeprefix("ROLESPEC_")
    )
