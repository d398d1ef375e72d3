"""A driver that is a process: started, called, restarted after a fault, ended."""

from __future__ import annotations

import threading

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.answers import HIDDEN, learn_arguments, read_answer
from pytest_chopsticks.implementations.called import Called
from pytest_chopsticks.implementations.implementation import Accepted, Outcome, Refused
from pytest_chopsticks.implementations.jsonrpc.connection import Connection
from pytest_chopsticks.implementations.jsonrpc.driver_process import (
    DriverProcess,
    was_never_started,
)
from pytest_chopsticks.implementations.jsonrpc.failure import Failure
from pytest_chopsticks.implementations.jsonrpc.handshake import Handshake, read_handshake
from pytest_chopsticks.implementations.jsonrpc.launch import Launch
from pytest_chopsticks.implementations.jsonrpc.messages import Error
from pytest_chopsticks.implementations.operations import OPERATIONS_BY_NAME
from pytest_chopsticks.implementations.sqlstate import is_refusal

MOST_RESTARTS = 3
END_GRACE_S = 2.0

_INITIALIZE, _SHUTDOWN = Called("initialize"), Called("shutdown")
_METHOD_NOT_FOUND = -32601
_SPELLING = 'data: {"rejection": "insufficient_funds"}, or data: {"sqlstate": "23505"}'


class JsonRpcDriver:
    """One process at a time, for one database.

    After a fault that leaves the conversation in doubt (a hang, a crash, garbage) the process is
    killed with all that it started, and the next call starts another: at most three times.
    """

    def __init__(self, launch: Launch, time_limit: float) -> None:
        self._launch = launch
        self._shown = launch.shown
        self._time_limit = time_limit
        self._connection: Connection | None = None
        self._starts = 0
        self._starting = threading.RLock()
        self.handshake = Handshake(frozenset())

    def start(self) -> None:
        """Start the process and shake hands; raises a DriverFault of the first two steps."""
        self._connected(_INITIALIZE)

    def call(self, operation: str, /, **arguments: object) -> Outcome:
        """Carry out `operation`, within the time limit."""
        called = Called(operation, arguments)
        connection = self._connected(called)
        if operation not in self.handshake.operations:
            remedy = f"List {operation} in the operations of the answer to `initialize`."
            raise faults.NotClaimed(self._moment(called), remedy=remedy)
        known = OPERATIONS_BY_NAME[operation]
        learn_arguments(known, arguments, self._launch.redaction.learnt)
        mark = connection.process.error_output.written
        try:
            reply = connection.request(operation, arguments, self._time_limit)
        except Failure as failure:
            if known.answers_secret and "excerpt" in failure.facts:
                failure.facts["excerpt"] = HIDDEN
            raise self._broken(connection, failure, called, mark) from None
        if isinstance(reply, Error):
            return self._refusal(connection, reply, called, mark)
        output = connection.process.error_output.since(mark)
        result = read_answer(known, reply.value, self._moment(called, output))
        redaction = self._launch.redaction
        return Accepted(result, redaction.redact(output), redaction.leaks(output))

    def close(self) -> None:
        """Let the process end by itself, then kill what is left.

        Raises a DriverFault for a reply too many, and for processes that were left behind.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            ended = connection.finish(END_GRACE_S)
            survivors = connection.process.survivors() if ended else []
        except Failure as failure:
            raise self._broken(connection, failure, _SHUTDOWN, 0) from None
        finally:
            connection.stop()
        if survivors:
            moment = self._moment(_SHUTDOWN)
            raise faults.ChildrenSurvived(moment, processes=", ".join(survivors))

    def kill(self) -> None:
        """End the process without asking it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.stop()

    def _connected(self, called: Called) -> Connection:
        with self._starting:
            if self._connection is None:
                if self._starts > MOST_RESTARTS:
                    raise faults.RestartedTooOften(self._moment(called), times=MOST_RESTARTS)
                self._starts += 1
                self._connection = self._start()
            return self._connection

    def _start(self) -> Connection:
        directory = self._launch.directory
        try:
            process = DriverProcess(self._launch.command, directory, self._launch.env)
        except OSError as error:
            moment, reason = self._moment(_INITIALIZE), error.strerror or str(error)
            raise faults.DriverDidNotStart(moment, reason=reason, directory=directory) from None
        connection = Connection(process)
        try:
            reply = connection.request("initialize", self._launch.params, self._time_limit)
            self.handshake = read_handshake(reply)
        except Failure as failure:
            raise self._broken(connection, self._at_start(failure), _INITIALIZE, 0) from None
        except BaseException:
            connection.stop()
            raise
        connection.concurrent = self.handshake.concurrent
        return connection

    def _at_start(self, failure: Failure) -> Failure:
        if failure.fault is faults.CallTimedOut:
            return Failure(faults.HandshakeTimedOut, **failure.facts)
        if failure.fault is not faults.DriverExited:
            return failure
        status = failure.facts["status"]
        if isinstance(status, int) and was_never_started(status):
            reason, directory = f"exit status {status}", self._launch.directory
            return Failure(faults.DriverDidNotStart, reason=reason, directory=directory)
        return Failure(faults.DriverExitedAtStart, **failure.facts)

    def _broken(
        self, connection: Connection, failure: Failure, called: Called, mark: int
    ) -> faults.DriverFault:
        """Stop the process; the fault to raise."""
        connection.stop()
        with self._starting:
            if self._connection is connection:
                self._connection = None
        output = connection.process.error_output.since(mark)
        return failure.fault(self._moment(called, output), **failure.facts)

    def _refusal(self, connection: Connection, error: Error, called: Called, mark: int) -> Refused:
        rejection, sqlstate = error.data.get("rejection"), error.data.get("sqlstate")
        rejection = rejection if isinstance(rejection, str) and rejection else None
        sqlstate = sqlstate if isinstance(sqlstate, str) else None
        if rejection is None and not is_refusal(sqlstate):
            raise self._failed(connection, error, called, mark)
        output = connection.process.error_output.since(mark)
        redaction = self._launch.redaction
        return Refused(
            rejection,
            redaction.redact(error.message),
            redaction.redact(output),
            sqlstate,
            redaction.leaks(error.message) or redaction.leaks(output),
        )

    def _failed(
        self, connection: Connection, error: Error, called: Called, mark: int
    ) -> faults.DriverFault:
        if not connection.concurrent:
            connection.process.read_error_output()
        moment = self._moment(called, connection.process.error_output.since(mark))
        if error.code == _METHOD_NOT_FOUND:
            return faults.OperationLacking(moment, message=error.message)
        how = f"failed: {error.message} (code {error.code})"
        return faults.OperationFailed(moment, how=how, spelling=_SPELLING)

    def _moment(self, called: Called, output: str = "") -> faults.Moment:
        return faults.Moment(called, self._launch.redaction, self._shown, output)
