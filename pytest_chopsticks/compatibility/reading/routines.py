"""Statements that hold others: DO, functions, EXPLAIN, PREPARE, CREATE TABLE AS, CREATE SCHEMA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.reading.context import (
    Context,
    NotAnalysed,
    Reader,
    TransactionControl,
)
from pytest_chopsticks.compatibility.reading.literals import constant_text, contents_places
from pytest_chopsticks.compatibility.reading.naming import dotted, joined, object_parts
from pytest_chopsticks.compatibility.reading.options import is_on
from pytest_chopsticks.compatibility.reading.plpgsql import Kind, Part, read_body
from pytest_chopsticks.compatibility.reading.rules.calls import called_functions
from pytest_chopsticks.migrations.postgres_parser import CannotParse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_chopsticks.compatibility.reading.context import Remark

_SELECT = "SELECT "


@dataclass(frozen=True, slots=True)
class _Body:
    """The text of a routine and how its places become those of the whole text."""

    language: str
    text: str
    outward: Callable[[int], int]


def do_block(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    body = _body(node.args, context, "plpgsql")
    if body is not None:
        yield from _of_body(body, context, reader)


def create_routine(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    """Its body does nothing yet: it is kept for whoever calls it."""
    name = dotted(node.funcname)
    if node.replace:
        what = f"function {name} is replaced if it is there: what calls it does something else"
        yield from context.claim("function-changed", name, what)
    context.scope.running.add(name)
    if node.HasField("sql_body"):
        remarks = list(_of_nodes(node.sql_body, context, reader))
    else:
        body = _body(node.options, context, "sql")
        remarks = list(_of_body(body, context, reader)) if body is not None else []
    context.scope.running.discard(name)
    context.scope.routines[name] = tuple(remarks)


def alter_routine(node: Any, context: Context, _reader: Reader) -> Iterator[Remark]:
    name = joined(part.string.sval for part in node.func.objname)
    what = f"function {name} is altered: what calls it does something else"
    yield from context.claim("function-changed", name, what, table=name)


def call_procedure(node: Any, context: Context, _reader: Reader) -> Iterator[Remark]:
    yield from called_functions(node.funccall, context)


def explain(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    if is_on(node.options, "analyze"):
        yield from reader.node(node.query, context)


def table_as(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    yield from reader.node(node.query, context)


def prepare(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    """What is prepared is taken as executed."""
    context.scope.prepared.add(node.name)
    yield from reader.node(node.query, context)


def execute(node: Any, context: Context, _reader: Reader) -> Iterator[Remark]:
    if node.name not in context.scope.prepared:
        yield NotAnalysed(f"what EXECUTE {node.name} runs, which is not prepared here")


def create_schema(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    for element in node.schema_elts:
        yield from reader.node(element, context)


def _of_nodes(node: Any, context: Context, reader: Reader) -> Iterator[Remark]:
    """BEGIN ATOMIC … END is a list of lists of statements, RETURN is one."""
    match node.WhichOneof("node"):
        case "list":
            for item in node.list.items:
                yield from _of_nodes(item, context, reader)
        case "return_stmt":
            yield from called_functions(node.return_stmt.returnval, context)
        case None:  # The empty list of BEGIN ATOMIC END.
            return
        case _:
            yield from reader.node(node, context)


def _body(options: Any, context: Context, language: str) -> _Body | None:
    given = {option.def_elem.defname: option.def_elem for option in options}
    if "language" in given:
        language = given["language"].arg.string.sval.lower()
    if "as" not in given:
        return None
    parts = object_parts(given["as"].arg)
    text = parts[0] if parts else ""
    return _Body(language, text, contents_places(context, given["as"].location, text))


def _of_body(body: _Body, context: Context, reader: Reader) -> Iterator[Remark]:
    if body.language == "sql":
        yield from reader.fragment(body.text, body.outward, context.scope)
    elif body.language == "plpgsql":
        yield from _of_plpgsql(body, context, reader)
    else:
        yield NotAnalysed(f"code in the language {body.language}")


def _of_plpgsql(body: _Body, context: Context, reader: Reader) -> Iterator[Remark]:
    try:
        for part in read_body(body.text):
            yield from _of_part(part, body, context, reader)
    except CannotParse as error:
        yield NotAnalysed(f"a PL/pgSQL body: {error.message}")


def _of_part(part: Part, body: _Body, context: Context, reader: Reader) -> Iterator[Remark]:
    def outward(place: int) -> int:
        return body.outward(part.start + place)

    match part.kind:
        case Kind.SQL:
            yield from reader.fragment(part.text, outward, context.scope)
        case Kind.EXPRESSION:
            yield from _of_expression(part.text, outward, context, reader)
        case Kind.DYNAMIC:
            yield from _of_dynamic(part.text, outward, context, reader)
        case Kind.TRANSACTION_END:
            yield TransactionControl()
        case _:
            yield NotAnalysed("a PL/pgSQL statement that ends before it says anything")


def _of_expression(
    text: str, outward: Callable[[int], int], context: Context, reader: Reader
) -> Iterator[Remark]:
    """Only what it calls matters; where it is no expression (RAISE 'text', 1) its words are."""

    def before_select(place: int) -> int:
        return outward(max(0, place - len(_SELECT)))

    yield from reader.fragment(_SELECT + text, before_select, context.scope)


def _of_dynamic(
    text: str, outward: Callable[[int], int], context: Context, reader: Reader
) -> Iterator[Remark]:
    constant = constant_text(text)
    if constant is None:
        shown = " ".join(text.split())
        yield NotAnalysed(f"EXECUTE {shown if len(shown) <= 60 else shown[:59] + '…'}")
    else:
        yield from reader.fragment(constant, lambda _: outward(0), context.scope)
