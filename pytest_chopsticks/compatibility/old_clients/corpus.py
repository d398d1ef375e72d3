"""The statements that an application of the version at hand sends, made from its schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, product
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog.structure import Snapshot
from pytest_chopsticks.compatibility.contents.attempts import pin_settings
from pytest_chopsticks.compatibility.contents.check_search import Solutions
from pytest_chopsticks.compatibility.contents.row_plans import fillable, plan_rows
from pytest_chopsticks.compatibility.contents.secret_columns import is_secret
from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes
from pytest_chopsticks.compatibility.old_clients.accepted_edges import accepted_edges
from pytest_chopsticks.compatibility.old_clients.learned_rows import with_learned_rows
from pytest_chopsticks.compatibility.old_clients.old_rows import (
    OldRows,
    Row,
    literals,
    old_rows,
    text_of,
)
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement, StatementKind
from pytest_chopsticks.compatibility.old_clients.reading_statements import selects
from pytest_chopsticks.compatibility.old_clients.table_facts import (
    constant_default,
    given_explicitly,
    natural_keys,
    varying,
)

_LIKE_ROWS = 6


def corpus(
    connection: psycopg.Connection[Any],
    snapshot: Snapshot,
    tables: Collection[str] | None = None,
    known: Solutions | None = None,
) -> tuple[OldStatement, ...]:
    """The statements on the tables, all where None, of the schema as the snapshot has it.

    Inserts of every column, of the required ones, with NULL, and at the edges of types; rows that
    share values; upserts on each key; an update of each column; a delete; selects by key, what
    each index serves, and joins. Each brings the rows that it needs. What this schema itself
    refuses stays in: that it still is refused is no difference.

    The connection has to be to a database with that schema. A few round trips, in a savepoint that
    is rolled back.
    """
    wanted = fillable(snapshot, tables)
    plans = plan_rows(connection, snapshot, tables, known)
    with connection.transaction(force_rollback=True):
        pin_settings(connection, snapshot.schema)
        rows = with_learned_rows(connection, old_rows(connection, snapshot.schema, plans))
        edges = accepted_edges(connection, rows, wanted)
    return tuple(
        statement
        for name in wanted
        if name in rows.rows
        for statement in _OfTable(rows, name, edges.get(name, ())).statements()
    )


class _OfTable:
    """Makes the statements on one table."""

    def __init__(self, rows: OldRows, name: str, edges: Collection[Row]) -> None:
        self._rows = rows
        self._plan = rows.plans[name]
        self._table = self._plan.table
        self._name = name
        self._edges = edges
        self._prepared: dict[tuple[int, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._identifier = rows.identifier(name)

    def statements(self) -> Iterator[OldStatement]:
        yield from self._inserts()
        yield from self._like_inserts()
        yield from self._upserts()
        yield from self._updates()
        yield self._delete()
        yield from selects(self._rows, self._name, self._rows.row(self._name, 1), self._there())

    def _inserts(self) -> Iterator[OldStatement]:
        whole = self._rows.row(self._name, 2)
        columns = self._table.columns
        required = {
            name: value
            for name, value in whole.items()
            if not self._plan.may_be_null(name) and columns[name].default is None
        }
        nulls = {name: None if self._plan.may_be_null(name) else whole[name] for name in whole}
        yield self._insert("an insert that names every column", whole)
        yield self._insert(
            "an insert that names only the required columns",
            required,
            {name: value for name, value in whole.items() if name in required},
            self._with_defaults(required),
        )
        yield self._insert("an insert with NULL where NULL may be", nulls)
        for edge in self._edges:
            yield self._insert("an insert of values at the edges", {**whole, **edge})
        if explicit := given_explicitly(self._plan, self._rows.rows[self._name][1]):
            row = {**explicit, **whole}
            title = f"an insert that gives {', '.join(explicit)}"
            yield self._insert(title, row)
            text = sql.SQL("{} RETURNING {}").format(
                shapes.insert(self._identifier, literals(whole)), shapes.names(explicit)
            )
            yield self._statement(
                "insert", f"an insert that returns {', '.join(explicit)}", text, returns=True
            )

    def _with_defaults(self, given: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rows that defaults refer to have to be there too."""
        needed, natural = self._rows.parents(self._name, 2)
        for key in self._plan.references:
            name, there = key.columns[0], key.referenced_columns[0]
            value = constant_default(self._table.columns[name])
            if len(key.columns) == 1 and name not in given and value is not None:
                parent = self._rows.insert_whole(key.referenced_table, 3, {there: value})
                natural = (*natural, *self._rows.parents(key.referenced_table, 3)[0], parent)
        return needed, natural

    def _like_inserts(self) -> Iterator[OldStatement]:
        """Rows that have all in common with row number 1 but one column of each key."""
        like, whole = self._rows.row(self._name, 1), self._rows.row(self._name, 2)
        known = natural_keys(self._plan, like)
        if known:
            yield self._insert("an insert of a row that is there", like, prepared=self._there())
        for key in known if len(known) > 1 else ():
            row = {**whole, **{name: like[name] for name in key}}
            title = f"an insert of a row with the same {' and '.join(key)}"
            yield self._insert(title, row, prepared=self._there(second=True))
        for differing in islice(dict.fromkeys(product(*known)), _LIKE_ROWS):
            row = {**like, **{name: whole[name] for name in differing}}
            different = " and ".join(dict.fromkeys(differing))
            what = f"another {different}" if differing else "the same values"
            yield self._insert(
                f"an insert of a row with {what}", row, prepared=self._there(second=True)
            )

    def _upserts(self) -> Iterator[OldStatement]:
        for key in natural_keys(self._plan, self._rows.row(self._name, 1)):
            others = [name for name in self._plan.values if name not in key] or list(key)
            for number, there in ((1, "a row that is there"), (2, "a new row")):
                row = self._rows.row(self._name, number)
                inserted = shapes.insert(self._identifier, literals(row))
                for title, action in (
                    (f"an insert of {there} ON CONFLICT {{}} DO NOTHING", shapes.DO_NOTHING),
                    (f"an upsert of {there} ON CONFLICT {{}} DO UPDATE", shapes.do_update(others)),
                ):
                    yield self._statement(
                        "upsert",
                        title.format(f"({', '.join(key)})"),
                        shapes.on_conflict(inserted, key, action),
                        visible=row,
                        prepared=self._there(second=number == 2),
                    )

    def _updates(self) -> Iterator[OldStatement]:
        row, other = self._rows.row(self._name, 1), self._rows.row(self._name, 3)
        referring = {name for key in self._plan.references for name in key.columns}
        where = self._rows.found_by(self._name, row)
        for name in row:
            value = sql.Literal(other[name])
            yield self._statement(
                "update",
                f"an update of {name}",
                shapes.update(self._identifier, name, value, where),
                visible={**row, name: other[name]},
                prepared=self._there(third=name in referring),
            )

    def _delete(self) -> OldStatement:
        row = self._rows.row(self._name, 1)
        where = self._rows.found_by(self._name, row)
        text = shapes.delete(self._identifier, where)
        return self._statement("delete", "a delete", text, visible=row, prepared=self._there())

    def _insert(
        self,
        title: str,
        row: Row,
        visible: Row | None = None,
        prepared: tuple[tuple[str, ...], tuple[str, ...]] | None = None,
    ) -> OldStatement:
        return self._statement(
            "insert",
            title,
            shapes.insert(self._identifier, literals(row)),
            visible=visible or row,
            prepared=prepared or self._rows.parents(self._name, 2),
            omitted=frozenset(self._table.columns.keys() - row.keys()),
        )

    def _there(
        self, *, second: bool = False, third: bool = False
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What has to be there for row number 1, that row, and what others refer to."""
        numbers = (1, *[2] * second, *[3] * third)
        if numbers not in self._prepared:
            self._prepared[numbers] = self._there_with(numbers)
        return self._prepared[numbers]

    def _there_with(self, numbers: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        parents = [self._rows.parents(self._name, number) for number in numbers]
        first = self._rows.row(self._name, 1)
        inserted = text_of(shapes.insert(self._identifier, literals(first)))
        needed = [text for declared, _ in parents for text in declared]
        natural = [text for _, undeclared in parents for text in undeclared]
        return (*needed, inserted), tuple(natural)

    def _statement(
        self,
        kind: StatementKind,
        title: str,
        text: sql.Composable,
        *,
        returns: bool = False,
        visible: Row | None = None,
        prepared: tuple[tuple[str, ...], tuple[str, ...]] | None = None,
        omitted: frozenset[str] = frozenset(),
    ) -> OldStatement:
        needed, natural = prepared or self._rows.parents(self._name, 2)
        return OldStatement(
            self._name,
            kind,
            title,
            text_of(text),
            returns,
            needed,
            natural,
            None if visible is None else self._visible(visible),
            varying(self._table, self._plan.values.keys() - omitted),
            omitted,
            tuple(self._secrets()),
        )

    def _visible(self, row: Row) -> str:
        where = self._rows.found_by(self._name, row)
        return text_of(shapes.select(self._identifier, shapes.names(self._table.columns), where))

    def _secrets(self) -> Iterator[str]:
        for row in self._rows.rows[self._name]:
            yield from (value for name, value in row.items() if value and is_secret(name))
