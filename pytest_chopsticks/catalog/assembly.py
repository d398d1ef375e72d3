"""From the rows of `snapshot.sql` to a `Snapshot`."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.catalog import table_parts
from pytest_chopsticks.catalog.canonical_text import (
    canonical,
    canonical_type,
    canonical_view,
    when_given,
)
from pytest_chopsticks.catalog.known_tables import KnownTables
from pytest_chopsticks.catalog.names import unquoted
from pytest_chopsticks.catalog.privileges import (
    column_privileges,
    schema_privileges,
    sequence_privileges,
    table_privileges,
)
from pytest_chopsticks.catalog.structure import (
    CheckConstraint,
    Domain,
    Privilege,
    Sequence,
    Snapshot,
    Table,
    sorted_by_structure,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row = dict[str, Any]

_KINDS = {
    "r": "ordinary",
    "p": "partitioned",
    "f": "foreign",
    "v": "view",
    "m": "materialized view",
}
_PERSISTENCES = {"p": "permanent", "u": "unlogged", "t": "temporary"}
# What is not a list of rows.
_SCALARS = {"schema", "owner", "acl"}


def assemble(document: Row, known: KnownTables | None = None) -> Snapshot:
    """The snapshot that the JSON document of `snapshot.sql` describes."""
    lists = {name: rows or [] for name, rows in document.items() if name not in _SCALARS}
    return Snapshot(
        schema=document["schema"],
        tables=_tables(lists, known or KnownTables()),
        sequences=_sequences(lists),
        enums=_by_name((row["name"], tuple(row["labels"])) for row in lists["enums"]),
        domains=_domains(lists),
        privileges=schema_privileges(document["acl"], document["owner"]),
    )


def _tables(lists: Mapping[str, list[Row]], known: KnownTables) -> dict[str, Table]:
    parts = {
        name: _grouped(lists[name], "relation")
        for name in (
            "parents",
            "columns",
            "constraints",
            "indexes",
            "triggers",
            "rules",
            "policies",
        )
    }
    keys = _grouped(lists["index_keys"], "index")
    sequences = _grouped(lists["sequences"], "owner_relation")
    tables: dict[str, Table] = {}
    for row in lists["relations"]:
        oid = row["oid"]
        own = {name: groups[oid] for name, groups in parts.items()}
        own_keys = {index["oid"]: keys[index["oid"]] for index in own["indexes"]}
        serials = {one["owner_column"]: one["reference"] for one in sequences[oid]}
        make = partial(_table, row, own, own_keys, serials)
        tables[row["name"]] = known.table(oid, (row, own, own_keys, serials), make)
    return _by_name(tables.items())


def _table(
    row: Row,
    parts: Mapping[str, list[Row]],
    keys: Mapping[str, list[Row]],
    serials: Mapping[int, str],
) -> Table:
    names = {column["position"]: column["name"] for column in parts["columns"]}
    constraints = _grouped(parts["constraints"], "type")
    constraint_indexes = {c["index"] for kind in "pux" for c in constraints[kind]}
    indexes = {
        i["oid"]: table_parts.index(i, keys[i["oid"]], i["oid"] in constraint_indexes)
        for i in parts["indexes"]
    }
    primary_keys = [table_parts.unique_constraint(c, names, indexes) for c in constraints["p"]]
    return Table(
        name=row["name"],
        kind=_KINDS[row["kind"]],
        persistence=_PERSISTENCES[row["persistence"]],
        columns=_by_name((c["name"], table_parts.column(c, serials)) for c in parts["columns"]),
        primary_key=primary_keys[0] if primary_keys else None,
        unique_constraints=sorted_by_structure(
            table_parts.unique_constraint(c, names, indexes) for c in constraints["u"]
        ),
        checks=sorted_by_structure(table_parts.check(c) for c in constraints["c"]),
        foreign_keys=sorted_by_structure(
            table_parts.foreign_key(c, names) for c in constraints["f"]
        ),
        exclusions=sorted_by_structure(table_parts.exclusion(c) for c in constraints["x"]),
        indexes=sorted_by_structure(indexes.values()),
        triggers=_by_name((t["name"], table_parts.trigger(t)) for t in parts["triggers"]),
        rules=_by_name((r["name"], table_parts.rule(r)) for r in parts["rules"]),
        row_security=row["row_security"],
        force_row_security=row["force_row_security"],
        policies=_by_name((p["name"], table_parts.policy(p)) for p in parts["policies"]),
        privileges=_privileges(row, parts["columns"]),
        inherits=tuple(
            unquoted(p["name"]) for p in sorted(parts["parents"], key=lambda p: p["position"])
        ),
        partition_bound=when_given(canonical, row["partition_bound"]),
        partition_key=when_given(canonical, row["partition_key"]),
        definition=when_given(canonical_view, row["definition"]),
    )


def _privileges(row: Row, columns: list[Row]) -> tuple[Privilege, ...]:
    owner = row["owner"]
    of_columns = (column_privileges(c["acl"], owner, c["name"]) for c in columns if c["acl"])
    return tuple(sorted({*table_privileges(row["acl"], owner)}.union(*of_columns)))


def _sequences(lists: Mapping[str, list[Row]]) -> dict[str, Sequence]:
    owners = {
        (row["relation"], row["position"]): f"{table['name']}.{row['name']}"
        for table, row in _columns_with_tables(lists)
    }
    return _by_name(
        (row["name"], _sequence(row, owners.get((row["owner_relation"], row["owner_column"]))))
        for row in lists["sequences"]
    )


def _sequence(row: Row, owned_by: str | None) -> Sequence:
    return Sequence(
        name=row["name"],
        type=row["type"],
        start=row["start"],
        increment=row["increment"],
        minimum=row["minimum"],
        maximum=row["maximum"],
        cache=row["cache"],
        cycle=row["cycle"],
        owned_by=owned_by,
        privileges=sequence_privileges(row["acl"], row["owner"]),
    )


def _columns_with_tables(lists: Mapping[str, list[Row]]) -> Iterable[tuple[Row, Row]]:
    tables = {row["oid"]: row for row in lists["relations"]}
    return ((tables[row["relation"]], row) for row in lists["columns"])


def _domains(lists: Mapping[str, list[Row]]) -> dict[str, Domain]:
    checks = _grouped(lists["domain_checks"], "domain")
    return _by_name(
        (
            row["name"],
            Domain(
                name=row["name"],
                type=canonical_type(row["type"]),
                nullable=not row["not_null"],
                default=when_given(canonical, row["default"]),
                collation=when_given(unquoted, row["collation"]),
                checks=sorted_by_structure(
                    CheckConstraint(c["name"], canonical(c["expression"]), c["validated"])
                    for c in checks[row["oid"]]
                ),
            ),
        )
        for row in lists["domains"]
    )


def _grouped(rows: Iterable[Row], key: str) -> defaultdict[Any, list[Row]]:
    groups: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def _by_name(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return dict(sorted(pairs, key=lambda pair: pair[0]))
