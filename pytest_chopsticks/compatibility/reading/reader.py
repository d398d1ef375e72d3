"""Reads SQL statement by statement, and what is inside of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.reading import routines
from pytest_chopsticks.compatibility.reading.command_tags import command_tag
from pytest_chopsticks.compatibility.reading.context import (
    Context,
    MovesSequence,
    Names,
    NotAnalysed,
    Scope,
    TransactionControl,
)
from pytest_chopsticks.compatibility.reading.made import made_by
from pytest_chopsticks.compatibility.reading.naming import relations_in
from pytest_chopsticks.compatibility.reading.rules import HARMLESS, RULES
from pytest_chopsticks.compatibility.reading.sql_reading import (
    Claim,
    ReadStatement,
    SqlReading,
    SyntaxProblem,
)
from pytest_chopsticks.migrations.postgres_parser import CannotParse, ParsedStatement, parse_sql
from pytest_chopsticks.migrations.sql_parts import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_chopsticks.compatibility.reading.context import Reader, Remark
    from pytest_chopsticks.migrations.postgres_parser import Positions
    from pytest_chopsticks.migrations.sql_parts import Statement

_HOLDERS: dict[str, Callable[[Any, Context, Reader], Iterator[Remark]]] = {
    "do_stmt": routines.do_block,
    "create_function_stmt": routines.create_routine,
    "alter_function_stmt": routines.alter_routine,
    "call_stmt": routines.call_procedure,
    "explain_stmt": routines.explain,
    "create_table_as_stmt": routines.table_as,
    "declare_cursor_stmt": routines.table_as,
    "prepare_stmt": routines.prepare,
    "execute_stmt": routines.execute,
    "create_schema_stmt": routines.create_schema,
}


def read_sql(text: str, scope: Scope | None = None) -> SqlReading:
    """What each statement of `text` does, as far as its text tells. Never raises on any text.

    There are no claims about tables that `text` itself makes, or a text that was read with the same
    `scope` before it. Names are as claims spell them: without `public.`.

    Where a statement cannot be parsed, the others are read all the same.
    """
    scope = scope or Scope()
    try:
        parsed = parse_sql(text)
    except CannotParse as error:
        problem = SyntaxProblem(error.message, min(error.position, len(text)))
        return SqlReading(tuple(_one_by_one(text, scope)), problem)
    return SqlReading(
        tuple(_read(text, one, parsed.positions, scope, lambda at: at) for one in parsed.statements)
    )


def _one_by_one(text: str, scope: Scope) -> Iterator[ReadStatement]:
    for one in statements(text):
        piece = text[one.start : one.end]
        try:
            parsed = parse_sql(piece)
        except CannotParse as error:
            yield _unreadable(one, piece, error)
            continue
        for inner in parsed.statements:
            yield _moved(_read(piece, inner, parsed.positions, scope, one.start.__add__), one.start)


def _unreadable(one: Statement, piece: str, error: CannotParse) -> ReadStatement:
    what = f"a statement that cannot be parsed: {error.message}"
    return ReadStatement(one.start, one.end, piece, "", not_analysed=(what,))


def _moved(one: ReadStatement, by: int) -> ReadStatement:
    return replace(one, start=one.start + by, end=one.end + by)


def _read(
    text: str,
    one: ParsedStatement,
    positions: Positions,
    scope: Scope,
    outward: Callable[[int], int],
) -> ReadStatement:
    statement = text[one.start : one.end]
    command = command_tag(one.node)
    context = Context(statement, command, one.start, positions, outward, scope)
    remarks = tuple(_NodeReader().node(one.node, context))
    creates = made_by(one.node)
    return ReadStatement(
        start=one.start,
        end=one.end,
        text=statement,
        command=command,
        claims=_claims(remarks),
        not_analysed=_once(remark.what for remark in remarks if isinstance(remark, NotAnalysed)),
        transaction_control=any(isinstance(remark, TransactionControl) for remark in remarks),
        moves_sequence=any(isinstance(remark, MovesSequence) for remark in remarks),
        relations=frozenset().union(*(r.relations for r in remarks if isinstance(r, Names))),
        creates=creates,
        when_called=_when_called(one.node, creates, scope),
    )


def _claims(remarks: Iterable[Remark]) -> tuple[Claim, ...]:
    return _once(remark for remark in remarks if isinstance(remark, Claim))


def _when_called(node: Any, creates: frozenset[str], scope: Scope) -> tuple[Claim, ...]:
    if not node.HasField("create_function_stmt"):
        return ()
    return _claims(remark for name in creates for remark in scope.routines.get(name, ()))


class _NodeReader:
    def node(self, node: Any, context: Context) -> Iterator[Remark]:
        kind = str(node.WhichOneof("node"))
        inner = getattr(node, kind) if kind != "None" else node
        yield Names(frozenset(relations_in(node)))
        if kind in _HOLDERS:
            yield from _HOLDERS[kind](inner, context, self)
        elif kind in RULES:
            yield from RULES[kind](inner, context)
        elif kind not in HARMLESS:
            yield NotAnalysed(f"what {context.command} does")
        context.scope.make(made_by(node))

    def fragment(self, text: str, outward: Callable[[int], int], scope: Scope) -> Iterator[Remark]:
        try:
            parsed = parse_sql(text)
        except CannotParse as error:
            yield NotAnalysed(f"SQL that cannot be parsed: {error.message}")
            return
        for one in parsed.statements:
            command = command_tag(one.node)
            statement = text[one.start : one.end]
            context = Context(statement, command, one.start, parsed.positions, outward, scope)
            yield from self.node(one.node, context)


def _once(things: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(things))
