"""The parts of a table, each from its row of `snapshot.sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_chopsticks.catalog.canonical_text import canonical, canonical_type, when_given
from pytest_chopsticks.catalog.names import quoted_unless_plain, unquoted
from pytest_chopsticks.catalog.structure import (
    CheckConstraint,
    Column,
    ExclusionConstraint,
    ForeignKey,
    Function,
    Generated,
    Index,
    IndexKey,
    Policy,
    Rule,
    Trigger,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

_IDENTITIES = {"a": "always", "d": "by default"}
_ACTIONS = {
    "a": "NO ACTION",
    "r": "RESTRICT",
    "c": "CASCADE",
    "n": "SET NULL",
    "d": "SET DEFAULT",
}
_MATCHES = {"s": "SIMPLE", "f": "FULL", "p": "PARTIAL"}
_ENABLED = {"O": "origin", "A": "always", "R": "replica", "D": "disabled"}
_COMMANDS = {"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}
# The bits of pg_trigger.tgtype.
_EVENTS = {4: "INSERT", 16: "UPDATE", 8: "DELETE", 32: "TRUNCATE"}


def column(row: Row, serials: Mapping[int, str]) -> Column:
    expression = when_given(canonical, row["expression"])
    generated = Generated(expression or "", row["generated"] == "s") if row["generated"] else None
    return Column(
        name=row["name"],
        type=canonical_type(row["type"]),
        nullable=not row["not_null"],
        base_type=when_given(canonical_type, row["base_type"]),
        default=None if generated else expression,
        serial=_draws_from(expression, serials.get(row["position"])),
        generated=generated,
        identity=_IDENTITIES.get(row["identity"]),
        collation=when_given(unquoted, row["collation"]),
        position=row["position"],
    )


def _draws_from(expression: str | None, sequence: str | None) -> bool:
    if expression is None or sequence is None:
        return False
    literal = sequence.replace("'", "''")
    return expression == f"nextval('{literal}'::regclass)"


def unique_constraint(
    row: Row, names: Mapping[int, str], indexes: Mapping[str, Index]
) -> UniqueConstraint:
    index = indexes[row["index"]]
    return UniqueConstraint(
        name=row["name"],
        columns=tuple(names[position] for position in row["columns"]),
        include=index.include,
        nulls_not_distinct=index.nulls_not_distinct,
        without_overlaps=row["period"],
        deferrable=row["deferrable"],
        initially_deferred=row["deferred"],
    )


def check(row: Row) -> CheckConstraint:
    return CheckConstraint(
        name=row["name"],
        expression=canonical(row["expression"]),
        validated=row["validated"],
        no_inherit=row["no_inherit"],
        enforced=row["enforced"],
    )


def exclusion(row: Row) -> ExclusionConstraint:
    return ExclusionConstraint(row["name"], canonical(row["definition"]))


def foreign_key(row: Row, names: Mapping[int, str]) -> ForeignKey:
    return ForeignKey(
        name=row["name"],
        columns=tuple(names[position] for position in row["columns"]),
        referenced_table=unquoted(row["referenced"]),
        referenced_columns=tuple(row["referenced_columns"]),
        on_update=_ACTIONS[row["on_update"]],
        on_delete=_ACTIONS[row["on_delete"]],
        on_delete_columns=tuple(sorted(names[p] for p in row["delete_columns"] or ())),
        match=_MATCHES[row["match"]],
        period=row["period"],
        deferrable=row["deferrable"],
        initially_deferred=row["deferred"],
        validated=row["validated"],
        enforced=row["enforced"],
    )


def index(row: Row, keys: list[Row], backs_constraint: bool) -> Index:
    ordered = sorted(keys, key=lambda key: int(key["position"]))
    return Index(
        name=row["name"],
        method=row["method"],
        keys=tuple(_index_key(key) for key in ordered[: row["key_count"]]),
        unique=row["unique"],
        include=tuple(sorted(key["column"] for key in ordered[row["key_count"] :])),
        predicate=when_given(canonical, row["predicate"]),
        nulls_not_distinct=row["nulls_not_distinct"],
        valid=row["valid"],
        ready=row["ready"],
        backs_constraint=backs_constraint,
    )


def _index_key(row: Row) -> IndexKey:
    column = row["column"]
    return IndexKey(
        text=quoted_unless_plain(column) if column else canonical(row["expression"]),
        column=column,
        descending=row["descending"],
        nulls_first=row["nulls_first"],
        opclass=row["opclass"],
        collation=when_given(unquoted, row["collation"]),
    )


def trigger(row: Row) -> Trigger:
    bits = row["type"]
    return Trigger(
        name=row["name"],
        timing="BEFORE" if bits & 2 else "INSTEAD OF" if bits & 64 else "AFTER",
        events=tuple(event for bit, event in _EVENTS.items() if bits & bit),
        level="ROW" if bits & 1 else "STATEMENT",
        definition=canonical(row["definition"]),
        function=Function(
            name=row["function"],
            language=row["language"],
            source=row["source"],
            security_definer=row["security_definer"],
            settings=tuple(sorted(row["settings"] or ())),
        ),
        enabled=_ENABLED[row["enabled"]],
    )


def rule(row: Row) -> Rule:
    return Rule(row["name"], canonical(row["definition"]), _ENABLED[row["enabled"]])


def policy(row: Row) -> Policy:
    return Policy(
        name=row["name"],
        command=_COMMANDS[row["command"]],
        permissive=row["permissive"],
        roles=tuple(sorted(row["roles"])),
        using=when_given(canonical, row["using"]),
        with_check=when_given(canonical, row["with_check"]),
    )
