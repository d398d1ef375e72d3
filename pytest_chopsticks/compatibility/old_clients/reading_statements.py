"""Selects: by key, what an index serves, and joins along references."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from pytest_chopsticks.catalog.structure import ForeignKey, Index
from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes
from pytest_chopsticks.compatibility.old_clients.old_rows import OldRows, Row, literals, text_of
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement, StatementKind
from pytest_chopsticks.compatibility.old_clients.table_facts import natural_keys, varying

Prepared = tuple[tuple[str, ...], tuple[str, ...]]


def selects(rows: OldRows, name: str, row: Row, there: Prepared) -> Iterator[OldStatement]:
    """Selects that find the row, which `there` writes; each names the columns it wants."""
    table = rows.plans[name].table
    identifier, columns = rows.identifier(name), shapes.names(table.columns)
    for key in natural_keys(rows.plans[name], row):
        where = shapes.equal(literals({column: row[column] for column in key}))
        text = shapes.select(identifier, columns, where)
        yield _reading(rows, name, "select", f"a select by {', '.join(key)}", text, there)
    for index in table.indexes:
        if index.valid and not index.backs_constraint:
            text = _served(rows, name, index, row)
            title = f"the query that the index {index} serves"
            yield _reading(rows, name, "select", title, text, there)
    for reference in (*table.foreign_keys, *rows.plans[name].joins):
        other = reference.referenced_table
        if other in rows.rows and other != name:
            needed, natural = there
            partner = (*rows.parents(other, 1)[0], rows.insert_whole(other, 1))
            missing = tuple(text for text in partner if text not in (*needed, *natural))
            yield _join(rows, name, reference, row, (needed, (*natural, *missing)))


def _served(rows: OldRows, name: str, index: Index, row: Row) -> sql.Composed:
    """Rows that the index has, by its first column where it is one, in its order."""
    lead = index.keys[0].column
    conditions: list[sql.Composable] = [rows.found_by(name, row)]
    if lead is not None and row.get(lead) is not None and index.method in ("btree", "hash"):
        conditions.append(shapes.equal(literals({lead: row[lead]})))
    if index.predicate is not None:
        conditions.append(sql.SQL("({})").format(sql.SQL(index.predicate)))
    return shapes.select(
        rows.identifier(name),
        shapes.names(rows.plans[name].table.columns),
        sql.SQL(" AND ").join(conditions),
        _order(index),
    )


def _order(index: Index) -> list[sql.Composable]:
    if index.method != "btree":
        return []
    return [
        sql.SQL("{}{}").format(
            sql.Identifier(key.column) if key.column else sql.SQL(key.text),
            sql.SQL(" DESC" if key.descending else ""),
        )
        for key in index.keys
    ]


def _join(
    rows: OldRows, name: str, reference: ForeignKey, row: Row, there: Prepared
) -> OldStatement:
    """A join that qualifies a column's name only where both tables have it, as people do."""
    other = reference.referenced_table
    here_columns, other_columns = (rows.plans[n].table.columns for n in (name, other))
    shown = [
        sql.Identifier("a", column) if column in other_columns else sql.Identifier(column)
        for column in here_columns
    ]
    shown += [sql.Identifier(column) for column in other_columns if column not in here_columns]
    pairs = zip(reference.columns, reference.referenced_columns, strict=True)
    on = (
        sql.SQL("{} = {}").format(sql.Identifier("a", here), sql.Identifier("b", there_column))
        for here, there_column in pairs
    )
    source = sql.SQL("{} AS a JOIN {} AS b ON {}").format(
        rows.identifier(name), rows.identifier(other), sql.SQL(" AND ").join(on)
    )
    where = rows.found_by(name, row, "a")
    text = shapes.select(source, sql.SQL(", ").join(shown), where)
    title = f"a join with {other} on {', '.join(reference.columns)}"
    return _reading(rows, name, "join", title, text, there, other)


def _reading(
    rows: OldRows,
    name: str,
    kind: StatementKind,
    title: str,
    text: sql.Composable,
    there: Prepared,
    joined: str | None = None,
) -> OldStatement:
    plans = [rows.plans[name], *([rows.plans[joined]] if joined else [])]
    return OldStatement(
        name,
        kind,
        title,
        text_of(text),
        returns=True,
        preparations=there[0],
        if_possible=there[1],
        varying=frozenset[str]().union(*(varying(plan.table, plan.values) for plan in plans)),
    )
