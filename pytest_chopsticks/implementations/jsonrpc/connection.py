"""Requests under way and their replies: who waits for what, and until when."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.jsonrpc.driver_process import DriverProcess, how_it_ended
from pytest_chopsticks.implementations.jsonrpc.failure import Failure
from pytest_chopsticks.implementations.jsonrpc.line_buffer import LineBuffer
from pytest_chopsticks.implementations.jsonrpc.messages import (
    Reply,
    decode_reply,
    encode_request,
    excerpt,
)

_SLICE_S = 0.1


@dataclass(slots=True)
class _Call:
    reply: Reply | None = None


@dataclass(slots=True)
class Connection:
    """What is under way with one process.

    Several threads may `request` at once; without `concurrent` they take turns. There is no thread
    to read: of the callers that wait, one reads for all. A failure ends every call under way, and
    nothing can be requested after it.
    """

    process: DriverProcess
    concurrent: bool = False
    _sent: int = 0
    _under_way: dict[int, _Call] = field(default_factory=dict)
    _lines: LineBuffer = field(default_factory=LineBuffer)
    _failure: Failure | None = None
    _being_read: bool = False
    _stopped: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def request(self, method: str, params: Mapping[str, object], limit: float) -> Reply:
        """The reply to a request; raises Failure if there is none within `limit` seconds."""
        turn: AbstractContextManager[object] = nullcontext() if self.concurrent else self._turn
        with turn:
            if not self.concurrent:
                self._look()
            call = self._send(method, params)
            deadline = time.monotonic() + limit
            while call.reply is None:
                self._wait(call, deadline, limit)
            if self._failure is not None and not self.concurrent:
                raise self._failure.again()
            return call.reply

    def finish(self, limit: float) -> bool:
        """Ask the driver to end; whether it did within `limit` seconds.

        Raises Failure for anything that it still wrote but the reply to `shutdown`.
        """
        self._send("shutdown", {})
        self.process.close_input()
        deadline = time.monotonic() + limit
        while self._failure is None and time.monotonic() < deadline:
            self._read(_SLICE_S)
        if self._failure is not None and self._failure.fault is not faults.DriverExited:
            raise self._failure
        return not self.process.running

    def stop(self) -> None:
        """Kill the process, and end every call that is under way; safe to repeat."""
        if self._stopped:
            return
        self._stopped = True
        self._fail(Failure(faults.StoppedMeanwhile))
        self.process.kill()
        with self._changed:
            self._changed.wait_for(lambda: not self._being_read)
        self.process.read_error_output()
        self.process.close()

    def _send(self, method: str, params: Mapping[str, object]) -> _Call:
        with self._changed:
            if self._failure is not None:
                raise self._failure.again()
            self._sent += 1
            line = encode_request(self._sent, method, params)
            call = self._under_way[self._sent] = _Call()
        self.process.write(line)
        return call

    def _wait(self, call: _Call, deadline: float, limit: float) -> None:
        """Read, or wait for whoever reads; returns now and then."""
        with self._changed:
            if call.reply is not None:
                return
            if self._failure is not None:
                raise self._failure.again()
            if time.monotonic() > deadline:
                raise self._overdue(limit)
            if self._being_read:
                self._changed.wait(_SLICE_S)
                return
            self._being_read = True
        self._read_for_all(min(_SLICE_S, deadline - time.monotonic()))

    def _look(self) -> None:
        """Find what came unasked, so that it is not taken for an answer."""
        with self._changed:
            if self._being_read or self._failure is not None:
                return
            self._being_read = True
        self._read_for_all(0)

    def _read_for_all(self, timeout: float) -> None:
        try:
            self._read(timeout)
        finally:
            with self._changed:
                self._being_read = False
                self._changed.notify_all()

    def _read(self, timeout: float) -> None:
        data = self.process.read(timeout)
        if data is None and timeout and not self.process.running:
            # A child may hold the pipe open: what the driver itself wrote is there already.
            data = self.process.read(0) or b""
        try:
            if data:
                for line in self._lines.feed(data):
                    self._take(line)
            elif data is not None:
                self._fail(self._ended())
        except Failure as failure:
            self._fail(failure)

    def _take(self, line: bytes) -> None:
        reply = decode_reply(line)
        call = self._under_way.pop(reply.id, None)
        if call is not None:
            call.reply = reply
        elif 0 < reply.id <= self._sent:
            raise Failure(faults.AnsweredTwice, excerpt=excerpt(line))
        else:
            raise Failure(faults.ReplyWithUnknownId, excerpt=excerpt(line))

    def _fail(self, failure: Failure) -> None:
        with self._changed:
            self._failure = self._failure or failure
            self._changed.notify_all()

    def _ended(self) -> Failure:
        status = self.process.wait()
        if half := self._lines.unfinished:
            return Failure(faults.ReplyCutOff, excerpt=excerpt(half))
        return Failure(faults.DriverExited, how=how_it_ended(status), status=status)

    def _overdue(self, limit: float) -> Failure:
        if half := self._lines.unfinished:
            return Failure(faults.ReplyCutOff, excerpt=excerpt(half))
        return Failure(faults.CallTimedOut, limit=limit)
