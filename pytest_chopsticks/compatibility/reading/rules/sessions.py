"""Settings, transactions, and what is done to the server as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgast.pg_query_pb2 import TransactionStmtKind, VariableSetKind

from pytest_chopsticks.compatibility.reading.context import NotAnalysed, TransactionControl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark

_SAVEPOINTS = frozenset({"TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO"})
_BEGINNINGS = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_TIMEOUTS = frozenset({"lock_timeout", "statement_timeout"})


def transaction(node: Any, context: Context) -> Iterator[Remark]:
    kind = TransactionStmtKind.Name(node.kind)
    if kind not in _SAVEPOINTS:
        context.scope.in_block = kind in _BEGINNINGS or bool(node.chain)
        yield TransactionControl()


def set_variable(node: Any, context: Context) -> Iterator[Remark]:
    name = node.name.lower()
    kind = VariableSetKind.Name(node.kind)
    of_transaction = name.startswith("transaction")
    if of_transaction or kind in ("VAR_RESET", "VAR_RESET_ALL", "VAR_SET_DEFAULT"):
        return
    value = ", ".join(_value(argument) for argument in node.args)
    if name in _TIMEOUTS and value.rstrip("ms ") == "0":
        what = f"{name} = 0: statements wait without end, and old statements behind them"
        yield from context.claim("lock-timeout-disabled", name, what)
    if name == "session_replication_role" and value == "replica":
        what = "session_replication_role = replica: triggers and foreign keys do not fire"
        yield from context.claim("triggers-disabled", name, what)
    if name in ("search_path", "role", "session_authorization"):
        yield NotAnalysed(f"what later names and rights mean under SET {name} = {value}")
    if not node.is_local and name not in _TIMEOUTS:
        what = f"SET {name} = {value} without LOCAL stays with the runner's session"
        yield from context.claim("setting-outlives-migration", name, what)


def server_setting(_node: Any, context: Context) -> Iterator[Remark]:
    what = f"{context.command} changes settings beyond this migration and its transaction"
    yield from context.claim("server-changed", context.command, what)


def _value(argument: Any) -> str:
    constant = argument.a_const if argument.HasField("a_const") else None
    if constant is None:
        return "…"
    if constant.HasField("sval"):
        return str(constant.sval.sval)
    if constant.HasField("fval"):
        return str(constant.fval.fval)
    return str(constant.ival.ival)
