"""Names in parse trees, as claims spell them: `public.` is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import postgast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FUNCTIONS_OF_SYSTEM = ("pg_catalog.", "information_schema.")


def relation_name(relation: Any) -> str:
    """`table` or `schema.table`."""
    return joined((relation.schemaname, relation.relname))


def joined(parts: Iterable[str]) -> str:
    given = [part for part in parts if part]
    return ".".join(given[1:] if len(given) > 1 and given[0] == "public" else given)


def dotted(nodes: Iterable[Any]) -> str:
    """The name in a list of String nodes."""
    return joined(node.string.sval for node in nodes)


def object_parts(node: Any) -> tuple[str, ...]:
    """The name of what DROP or RENAME is about, whatever kind of node holds it."""
    kind = node.WhichOneof("node")
    inner: Any = getattr(node, kind) if kind else None
    if kind == "list":
        return tuple(part for item in inner.items for part in object_parts(item))
    if kind == "string":
        return (str(inner.sval),)
    if kind == "type_name":
        return tuple(name.string.sval for name in inner.names)
    if kind == "object_with_args":
        return tuple(name.string.sval for name in inner.objname)
    return ()


def function_name(call: Any) -> str:
    """The name that a FuncCall calls, `pg_catalog.` left out."""
    name = dotted(call.funcname)
    return name.removeprefix(_FUNCTIONS_OF_SYSTEM[0])


def relations_in(node: Any) -> Iterator[str]:
    """Every relation that a statement names, but for its own WITH queries."""
    found: list[str] = []
    own: set[str] = set()
    for _, inner in postgast.walk(node):
        kind = inner.DESCRIPTOR.name
        if kind == "RangeVar":
            found.append(relation_name(inner))
        elif kind == "CommonTableExpr":
            own.add(getattr(inner, "ctename", ""))
    return (name for name in found if name and name not in own)
