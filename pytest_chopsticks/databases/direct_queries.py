"""Queries by libpq itself, on a session that is idle in autocommit mode.

What a test waits for is mostly the client: of a look at a database's traces, psycopg's conversions
take two thirds. Nothing here can be interrupted before the server has answered.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import OperationalError, errors, pq

_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class PreparedStatements:
    """The statements of one session, each prepared when it is first run."""

    def __init__(self, session: pq.abc.PGconn) -> None:
        self._session = session
        self._names: dict[bytes, bytes] = {}

    def row(self, query: bytes) -> tuple[bytes, ...]:
        """The one row of a query, as text, NULL as none; raises `psycopg.Error`."""
        result = _checked(self._session.exec_prepared(self._name(query), None))
        return tuple(result.get_value(0, column) or b"" for column in range(result.nfields))

    def run(self, statements: Sequence[bytes]) -> list[int]:
        """Run statements in one round trip and transaction; how many rows each concerned.

        Raises `psycopg.Error`, after which the session is of no more use.
        """
        names = [self._name(statement) for statement in statements]
        self._session.enter_pipeline_mode()
        for name in names:
            self._session.send_query_prepared(name, None)
        self._session.pipeline_sync()
        counts = [_pipelined(self._session).command_tuples or 0 for _ in names]
        self._session.get_result()
        self._session.exit_pipeline_mode()
        return counts

    def _name(self, statement: bytes) -> bytes:
        name = self._names.get(statement)
        if name is None:
            self._names[statement] = name = b"chopsticks_%d" % len(self._names)
            _checked(self._session.prepare(name, statement))
        return name


def run_each(session: pq.abc.PGconn, statements: Sequence[bytes]) -> None:
    """Run statements in one round trip, each in a transaction of its own; raises `psycopg.Error`.

    After that the session is of no more use.
    """
    session.enter_pipeline_mode()
    for statement in statements:
        session.send_query_params(statement, None)
        session.pipeline_sync()
    for _ in statements:
        _pipelined(session)
        session.get_result()
    session.exit_pipeline_mode()


def array(text: bytes) -> list[bytes]:
    """The elements of an array of numbers, or of others without special characters."""
    return text[1:-1].split(b",") if len(text) > 2 else []


def _pipelined(session: pq.abc.PGconn) -> pq.abc.PGresult:
    """The next statement's result, and the nothing that follows it."""
    result = session.get_result()
    if result is None:
        raise OperationalError("the session ended")
    session.get_result()
    return _checked(result)


def _checked(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in _DONE:
        return result
    if result.error_field(pq.DiagnosticField.SQLSTATE):
        raise errors.error_from_result(result)
    raise OperationalError(result.error_message.decode("utf-8", "replace").strip())
