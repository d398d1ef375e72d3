"""The structure of one schema as values.

Equality is structural. What does not carry meaning does not take part in it: names of constraints
and indexes, positions of columns, the name of the schema. Every tuple is sorted by structure unless
its order means something (the columns of a key, the labels of an enum).

Texts of expressions are those of the server's deparser with `search_path` at the schema itself, in
the spelling of PostgreSQL 13 (see `canonical_text`). A table, function or collation of another
schema is written `schema.name`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")


def structure(value: Any) -> tuple[tuple[str, str], ...]:
    """What takes part in a value's equality, as a sortable key."""
    return tuple((f.name, repr(getattr(value, f.name))) for f in fields(value) if f.compare)


def sorted_by_structure(values: Iterable[T]) -> tuple[T, ...]:
    several = tuple(values)
    return tuple(sorted(several, key=structure)) if len(several) > 1 else several


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated column's expression; virtual ones exist since PostgreSQL 18."""

    expression: str
    stored: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `type` is `format_type`'s text; `base_type` is set where it is a domain.
    A time's precision of 6 is left out: it has microseconds anyway.

    `serial` says that the default draws from a sequence that the column owns. `identity` is
    "always", "by default" or None. `collation` is set where it is not the type's own.
    """

    name: str
    type: str
    nullable: bool
    base_type: str | None = None
    default: str | None = None
    serial: bool = False
    generated: Generated | None = None
    identity: str | None = None
    collation: str | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column, or an expression where `column` is None."""

    text: str
    column: str | None
    descending: bool = False
    nulls_first: bool = False
    opclass: str | None = None
    collation: str | None = None

    def __str__(self) -> str:
        parts = [self.text]
        if self.collation is not None:
            parts.append(f'COLLATE "{self.collation}"')
        if self.opclass is not None:
            parts.append(self.opclass)
        if self.descending:
            parts.append("DESC")
        if self.nulls_first != self.descending:
            parts.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `backs_constraint` where a primary key, unique or exclusion constraint made it."""

    name: str = field(compare=False)
    method: str
    keys: tuple[IndexKey, ...]
    unique: bool = False
    include: tuple[str, ...] = ()
    predicate: str | None = None
    nulls_not_distinct: bool = False
    valid: bool = True
    ready: bool = True
    backs_constraint: bool = False

    def __str__(self) -> str:
        method = "" if self.method == "btree" else f"USING {self.method} "
        text = f"{method}({', '.join(map(str, self.keys))})"
        if self.include:
            text += f" INCLUDE ({', '.join(self.include)})"
        if self.nulls_not_distinct:
            text += " NULLS NOT DISTINCT"
        return text + (f" WHERE {self.predicate}" if self.predicate else "")


@dataclass(frozen=True, slots=True)
class UniqueConstraint:
    """A primary key or a unique constraint, its columns in key order.

    `without_overlaps` (PostgreSQL 18) makes the last column a period.
    """

    name: str = field(compare=False)
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    deferrable: bool = False
    initially_deferred: bool = False

    def __str__(self) -> str:
        return f"({', '.join(self.columns)})"


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """A CHECK. `enforced` is false only for NOT ENFORCED, since PostgreSQL 18."""

    name: str = field(compare=False)
    expression: str
    validated: bool = True
    no_inherit: bool = False
    enforced: bool = True

    def __str__(self) -> str:
        return self.expression


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; actions and match in the words of SQL."""

    name: str = field(compare=False)
    columns: tuple[str, ...]
    referenced_table: str
    referenced_columns: tuple[str, ...]
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"
    on_delete_columns: tuple[str, ...] = ()
    match: str = "SIMPLE"
    period: bool = False
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True
    enforced: bool = True

    def __str__(self) -> str:
        there = f"{self.referenced_table} ({', '.join(self.referenced_columns)})"
        return f"({', '.join(self.columns)}) to {there}"


@dataclass(frozen=True, slots=True)
class ExclusionConstraint:
    """An EXCLUDE, by its whole definition."""

    name: str = field(compare=False)
    definition: str

    def __str__(self) -> str:
        return self.definition


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a trigger calls."""

    name: str
    language: str
    source: str
    security_definer: bool
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger with its function. Its name counts: triggers fire in the order of their names.

    `timing` is BEFORE, AFTER or INSTEAD OF, `level` ROW or STATEMENT; `enabled` is "origin",
    "always", "replica" or "disabled".
    """

    name: str
    timing: str
    events: tuple[str, ...]
    level: str
    definition: str
    function: Function
    enabled: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewrite rule other than a view's own; `enabled` as for a trigger."""

    name: str
    definition: str
    enabled: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A row security policy; in `roles` the table's owner is "owner", everyone is "public"."""

    name: str
    command: str
    permissive: bool
    roles: tuple[str, ...]
    using: str | None
    with_check: str | None


@dataclass(frozen=True, slots=True, order=True)
class Privilege:
    """A privilege that a role holds, on one column where `column` is set.

    The role is "owner" for the object's owner and "public" for everyone.
    """

    role: str
    privilege: str
    column: str = ""
    grantable: bool = False

    def __str__(self) -> str:
        column = f" ({self.column})" if self.column else ""
        option = " with grant option" if self.grantable else ""
        return f"{self.privilege}{column}{option}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view.

    `kind` is "ordinary", "partitioned", "foreign", "view" or "materialized view"; `persistence`
    "permanent", "unlogged" or "temporary". `definition` is set for the two kinds of view.
    """

    name: str
    kind: str
    persistence: str
    columns: Mapping[str, Column]
    primary_key: UniqueConstraint | None = None
    unique_constraints: tuple[UniqueConstraint, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    exclusions: tuple[ExclusionConstraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    row_security: bool = False
    force_row_security: bool = False
    policies: Mapping[str, Policy] = field(default_factory=dict)
    privileges: tuple[Privilege, ...] = ()
    inherits: tuple[str, ...] = ()
    partition_bound: str | None = None
    partition_key: str | None = None
    definition: str | None = None

    @property
    def is_partition(self) -> bool:
        return self.partition_bound is not None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence; `owned_by` is "table.column" for the one behind a serial or identity column."""

    name: str
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycle: bool
    owned_by: str | None
    privileges: tuple[Privilege, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain over `type`."""

    name: str
    type: str
    nullable: bool
    default: str | None
    collation: str | None
    checks: tuple[CheckConstraint, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One schema at one moment. `privileges` are those to USE the schema."""

    schema: str = field(compare=False)
    tables: Mapping[str, Table]
    sequences: Mapping[str, Sequence]
    enums: Mapping[str, tuple[str, ...]]
    domains: Mapping[str, Domain]
    privileges: tuple[Privilege, ...]
