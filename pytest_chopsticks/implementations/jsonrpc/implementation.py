"""An implementation that is a command which speaks JSON-RPC."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations.implementation import DEFAULT_TIME_LIMIT_S, Clock, Outcome
from pytest_chopsticks.implementations.jsonrpc.driver import JsonRpcDriver
from pytest_chopsticks.implementations.jsonrpc.handshake import Handshake
from pytest_chopsticks.implementations.jsonrpc.launch import prepare_launch
from pytest_chopsticks.implementations.placeholders import uses_migrations
from pytest_chopsticks.implementations.redaction import LearntSecrets

if TYPE_CHECKING:
    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey

ScratchDatabase: TypeAlias = Callable[[], "AbstractContextManager[ImplementationDatabase]"]


class JsonRpcImplementation:
    """Starts the target's `command` for every database that it is given.

    What it claims is told by its first answer to `initialize`. Unless a driver was opened before,
    one is started for that on an empty database from `scratch_database`; a fault then is
    raised again whenever the claims are asked for, and no driver is started after it.
    """

    def __init__(
        self,
        target: Target,
        token_keys: tuple[TokenKey, ...],
        scratch_database: ScratchDatabase,
        time_limit: float = DEFAULT_TIME_LIMIT_S,
    ) -> None:
        self.target = target
        self.name = target.name
        self.time_limit = time_limit
        self._token_keys = token_keys
        self._scratch_database = scratch_database
        self._learnt = LearntSecrets()
        self._handshake: Handshake | None = None
        self._fault: ImplementationFault | None = None
        self._asking = threading.RLock()

    @property
    def handshake(self) -> Handshake:
        """What the driver says of itself."""
        with self._asking:
            if self._fault is not None:
                raise self._fault.with_traceback(None)
            if self._handshake is None:
                self._handshake = self._ask()
            return self._handshake

    @property
    def version(self) -> str | None:
        return self.target.version or self.handshake.version

    @property
    def language(self) -> str | None:
        return self.handshake.language

    @property
    def claims(self) -> frozenset[str]:
        return self.handshake.operations

    @property
    def concurrent(self) -> bool:
        return self.handshake.concurrent

    @property
    def clock(self) -> Clock:
        return self.handshake.clock

    @property
    def takes_migrations(self) -> bool:
        return "migrate" in self.claims

    @property
    def reusable_runner(self) -> bool:
        # What its command line or environment says of the directory holds for one only.
        return not uses_migrations(self.target)

    @property
    def costly_runner(self) -> bool:
        return not self.reusable_runner

    def open(
        self, database: ImplementationDatabase, token_keys: Sequence[TokenKey] | None = None
    ) -> AbstractContextManager[JsonRpcDriver]:
        """A driver for `database`; its process ends with the context."""
        return self._open(database, token_keys)

    def open_runner(
        self, database: ImplementationDatabase, migrations: Path | None = None
    ) -> AbstractContextManager[JsonRpcDriver]:
        return self._open(database, migrations=migrations)

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        arguments = {} if migrations is None else {"migrations": str(migrations)}
        with self._open(database, migrations=migrations) as driver:
            return driver.call("migrate", **arguments)

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        with self._open(database) as driver:
            return driver.call("verify_schema")

    @contextmanager
    def _open(
        self,
        database: ImplementationDatabase,
        token_keys: Sequence[TokenKey] | None = None,
        migrations: Path | None = None,
    ) -> Iterator[JsonRpcDriver]:
        if self._fault is not None:
            raise self._fault.with_traceback(None)
        keys = self._token_keys if token_keys is None else token_keys
        launch = prepare_launch(self.target, database, keys, self._learnt, migrations)
        driver = JsonRpcDriver(launch, self.time_limit)
        try:
            driver.start()
            self._handshake = self._handshake or driver.handshake
            yield driver
        except BaseException:
            driver.kill()
            raise
        driver.close()

    def _ask(self) -> Handshake:
        try:
            with self._scratch_database() as database, self._open(database) as driver:
                return driver.handshake
        except ImplementationFault as fault:
            self._fault = fault
            raise
