"""An implementation that is a Python class, called in this process."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations.captured_output import captured_output, redirected_output
from pytest_chopsticks.implementations.implementation import Accepted, Outcome, Refused
from pytest_chopsticks.implementations.python_class import claimed_operations, driver_class
from pytest_chopsticks.implementations.redaction import Redactor, redactor_for
from pytest_chopsticks.implementations.traceback_tail import traceback_tail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey

_DATABASE_REFUSED = ("22", "23")


class PythonImplementation:
    """Calls the class that the target's `python` names: `Class(database=…, token_keys=…)`.

    `token_keys` is a list of `{"id": …, "key": …}` and `migrations` a path as text, as in the
    contract. The class is imported here, which raises ConfigurationError when it cannot be had.
    Its optional attributes `name`, `version` and `operations` win over what is found otherwise;
    an instance's optional `close()` is called when it is done with. A call cannot be stopped from
    outside: a method that never returns holds up the run.
    """

    language = "python"

    def __init__(self, target: Target, token_keys: tuple[TokenKey, ...] = ()) -> None:
        self._class = driver_class(target)
        self._token_keys = token_keys
        self.claims = claimed_operations(target, self._class)
        self.name: str = _text(self._class, "name") or target.name
        self.version: str | None = _text(self._class, "version") or target.version

    @property
    def takes_migrations(self) -> bool:
        try:
            parameters = inspect.signature(self._class.migrate).parameters.values()
        except (AttributeError, TypeError, ValueError):
            return False
        return any(p.name == "migrations" or p.kind is p.VAR_KEYWORD for p in parameters)

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        arguments = {} if migrations is None else {"migrations": str(migrations)}
        with self.open(database) as driver:
            return driver.call("migrate", **arguments)

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        with self.open(database) as driver:
            return driver.call("verify_schema")

    @contextmanager
    def open(self, database: ImplementationDatabase) -> Iterator[PythonDriver]:
        """An instance for `database`, closed at the end."""
        redactor = redactor_for(database, self._token_keys)
        driver = PythonDriver(self._class, self.claims, redactor)
        with redirected_output():
            driver.start(database=database, token_keys=[asdict(key) for key in self._token_keys])
            try:
                yield driver
            finally:
                driver.close()


@dataclass(slots=True)
class PythonDriver:
    """One instance of the class: its operations, with rejections and faults told apart."""

    cls: type[Any]
    claims: frozenset[str]
    redactor: Redactor
    _instance: Any = field(default=None, init=False)

    def start(self, **arguments: object) -> None:
        with self._faults(f"{self.cls.__name__}(database=…, token_keys=…)"):
            self._instance = self.cls(**arguments)

    def call(self, operation: str, **arguments: object) -> Outcome:
        """Carry out `operation`; raises ImplementationFault for anything but a rejection."""
        what = f"{self.cls.__name__}.{operation}"
        if operation not in self.claims:
            raise ImplementationFault(
                f"{what} was asked for, but is not claimed",
                hint=f"Define {operation} on the class.",
            )
        with captured_output() as output:
            try:
                result = attrgetter(operation)(self._instance)(**arguments)
            except (Exception, SystemExit) as error:  # noqa: BLE001
                refusal = self._refusal(error, output.getvalue())
                if refusal is None:
                    # Not chained: what is shown of the cause could hold a secret.
                    raise self._fault(what, error, output.getvalue()) from None
                return refusal
        self._refuse_coroutine(what, result)
        return Accepted(result, self.redactor.redact(output.getvalue()))

    def close(self) -> None:
        close = getattr(self._instance, "close", None)
        if callable(close):
            with self._faults(f"{self.cls.__name__}.close"):
                close()

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        with captured_output() as output:
            try:
                yield
            except (Exception, SystemExit) as error:  # noqa: BLE001
                raise self._fault(what, error, output.getvalue()) from None

    def _refusal(self, error: BaseException, output: str) -> Refused | None:
        rejection = getattr(error, "rejection", None)
        rejection = rejection if isinstance(rejection, str) else None
        sqlstate = _sqlstate(error)
        if rejection is None and (sqlstate or "")[:2] not in _DATABASE_REFUSED:
            return None
        redact = self.redactor.redact
        return Refused(rejection, redact(str(error)), redact(output), sqlstate)

    def _fault(self, what: str, error: BaseException, output: str) -> ImplementationFault:
        return ImplementationFault(
            f"{what} raised {type(error).__name__}:\n"
            f"{self.redactor.redact(traceback_tail(error, output))}",
            hint="To refuse an operation raise Rejected(name), or any exception whose attribute "
            "`rejection` is the contract's name for it.",
        )

    def _refuse_coroutine(self, what: str, result: object) -> None:
        if inspect.iscoroutine(result):
            result.close()
            raise ImplementationFault(
                f"{what} returned a coroutine",
                hint="Operations are plain methods: call asyncio.run(…) inside.",
            )


def _sqlstate(error: BaseException) -> str | None:
    own = getattr(error, "sqlstate", None) or getattr(
        getattr(error, "diag", None), "sqlstate", None
    )
    return own if isinstance(own, str) else None


def _text(cls: type[Any], attribute: str) -> str | None:
    value = getattr(cls, attribute, None)
    return value if isinstance(value, str) else None
