"""What a statement makes: the names of new relations, types and routines."""

from __future__ import annotations

from typing import Any

from pytest_chopsticks.compatibility.reading.naming import dotted, joined, relation_name


def made_by(node: Any) -> frozenset[str]:
    """The names, `public.` left out; empty for what makes nothing, or nothing with a name."""
    kind = node.WhichOneof("node")
    inner: Any = getattr(node, kind) if kind else None
    match kind:
        case "create_stmt":
            names = [relation_name(inner.relation)]
        case "create_foreign_table_stmt":
            names = [relation_name(inner.base_stmt.relation)]
        case "create_table_as_stmt":
            names = [relation_name(inner.into.rel)]
        case "select_stmt" if inner.HasField("into_clause"):
            names = [relation_name(inner.into_clause.rel)]
        case "view_stmt":
            names = [relation_name(inner.view)]
        case "create_seq_stmt":
            names = [relation_name(inner.sequence)]
        case "index_stmt":
            names = [joined((inner.relation.schemaname, inner.idxname))]
        case "create_enum_stmt" | "create_range_stmt":
            names = [dotted(inner.type_name)]
        case "create_domain_stmt":
            names = [dotted(inner.domainname)]
        case "composite_type_stmt":
            names = [relation_name(inner.typevar)]
        case "create_function_stmt":
            names = [dotted(inner.funcname)]
        case _:
            names = []
    return frozenset(name for name in names if name)
