"""One instance of a Python class: its operations, with rejections and faults told apart."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.answers import learn_arguments, read_answer
from pytest_chopsticks.implementations.captured_output import captured_output
from pytest_chopsticks.implementations.implementation import Accepted, Outcome, Refused
from pytest_chopsticks.implementations.operations import OPERATIONS_BY_NAME
from pytest_chopsticks.implementations.sqlstate import is_refusal
from pytest_chopsticks.implementations.traceback_tail import traceback_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_chopsticks.implementations.redaction import Redaction

_SPELLING = "raise Rejected(name), or any exception whose attribute `rejection` is its name"


@dataclass(slots=True)
class PythonDriver:
    """Calls the methods of one instance of `cls`."""

    cls: type[Any]
    claims: frozenset[str]
    redaction: Redaction
    _instance: Any = field(default=None, init=False)

    def start(self, **arguments: object) -> None:
        """Make the instance."""
        called = f"{self.cls.__name__}(database=…, token_keys=…)"
        with self._faults(called, faults.OperationFailed, spelling=_SPELLING):
            self._instance = self.cls(**arguments)

    def call(self, operation: str, /, **arguments: object) -> Outcome:
        """Carry out `operation`; raises a DriverFault for anything but a rejection."""
        called = f"{self.cls.__name__}.{operation}"
        if operation not in self.claims:
            remedy = f"Define {operation} on the class."
            raise faults.NotClaimed(self._moment(called), remedy=remedy)
        known = OPERATIONS_BY_NAME[operation]
        method = self._method(operation, called)
        learn_arguments(known, arguments, self.redaction.learnt)
        with captured_output() as output:
            try:
                answer = method(**arguments)
            except (Exception, SystemExit) as error:  # noqa: BLE001
                refusal = self._refusal(error, output.getvalue())
                if refusal is None:
                    how = f"raised {type(error).__name__}:\n{traceback_tail(error)}"
                    moment = self._moment(called, output.getvalue())
                    # Not chained: what is shown of the cause could hold a secret.
                    raise faults.OperationFailed(moment, how=how, spelling=_SPELLING) from None
                return refusal
        moment = self._moment(called, output.getvalue())
        if inspect.iscoroutine(answer):
            answer.close()
            raise faults.ReturnedCoroutine(moment)
        result = read_answer(known, answer, moment)
        redaction = self.redaction
        return Accepted(result, redaction.redact(moment.output), redaction.leaks(moment.output))

    def close(self) -> None:
        """Let the instance give back what it holds."""
        close = getattr(self._instance, "close", None)
        if callable(close):
            with self._faults(f"{self.cls.__name__}.close", faults.CloseFailed):
                close()

    def _method(self, operation: str, called: str) -> Callable[..., object]:
        owner = self._instance
        try:
            for name in operation.split("."):
                owner = getattr(owner, name)
        except AttributeError as error:
            raise faults.OperationLacking(self._moment(called), message=error) from None
        return owner  # type: ignore[no-any-return]

    @contextmanager
    def _faults(
        self, called: str, fault: type[faults.DriverFault], **facts: object
    ) -> Iterator[None]:
        with captured_output() as output:
            try:
                yield
            except (Exception, SystemExit) as error:  # noqa: BLE001
                how = f"raised {type(error).__name__}:\n{traceback_tail(error)}"
                raise fault(self._moment(called, output.getvalue()), how=how, **facts) from None

    def _refusal(self, error: BaseException, output: str) -> Refused | None:
        rejection = getattr(error, "rejection", None)
        rejection = rejection if isinstance(rejection, str) else None
        sqlstate = _sqlstate(error)
        if rejection is None and not is_refusal(sqlstate):
            return None
        redact, leaks, message = self.redaction.redact, self.redaction.leaks, str(error)
        leaked = leaks(message) or leaks(output)
        return Refused(rejection, redact(message), redact(output), sqlstate, leaked)

    def _moment(self, called: str, output: str = "") -> faults.Moment:
        return faults.Moment(called, self.redaction, None, output)


def _sqlstate(error: BaseException) -> str | None:
    own = getattr(error, "sqlstate", None) or getattr(
        getattr(error, "diag", None), "sqlstate", None
    )
    return own if isinstance(own, str) else None
