"""One run: the server, its databases and the implementation under test, each made when needed."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS, ROOT
from pytest_chopsticks.databases import (
    DatabaseProvider,
    Pool,
    Role,
    Template,
    as_schema_source,
    lasting_templates,
    living_run,
    role_for,
)
from pytest_chopsticks.errors import ConfigurationError, ServerUnavailable
from pytest_chopsticks.implementations import (
    Implementation,
    Target,
    load_implementation,
    load_target,
)
from pytest_chopsticks.options import Options
from pytest_chopsticks.requirements import Requirement
from pytest_chopsticks.servers import SavedCluster, Server, ServerRequest, start_server

#: The reference implementation, which ships with the suite.
CANONICAL = Target(
    path=ROOT / "chopsticks.toml",
    name="chopsticks-reference",
    python="pytest_chopsticks.bundled.reference_impl:Implementation",
    migrations=CANONICAL_MIGRATIONS,
)

#: The origins of servers whose processes and files are ours, so that another can be made to crash.
_OWN = ("embedded", "local")


@dataclasses.dataclass(frozen=True, slots=True)
class SharedServer:
    """What the processes of a run have in common: the server, the owner's role, the run's name."""

    server: Server
    role: Role
    run: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a worker process; they hold the passwords."""
        return {
            "server": self.server.to_dict(),
            "role": dataclasses.asdict(self.role),
            "run": self.run,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SharedServer:
        return cls(Server.from_dict(values["server"]), Role(**values["role"]), values["run"])


class Run:
    """What one pytest process holds; `close()` gives everything back.

    `project` is the directory whose templates its next run uses again. `shared` comes from the
    pytest-xdist controller, which then is the one to stop the server; it is the error when the
    controller could not start one.
    """

    def __init__(
        self,
        options: Options,
        target_path: Path | None,
        *,
        project: Path,
        shared: SharedServer | ServerUnavailable | None = None,
        process: str = "main",
    ) -> None:
        self.options = options
        self.target_path = target_path
        self._project = project
        self._shared = shared
        self._process = process
        self._stack = ExitStack()
        self._pools: dict[Template, Pool] = {}
        self._templates: dict[int, tuple[object, Template | Exception]] = {}

    @cached_property
    def target(self) -> Target | None:
        """What chopsticks.toml says; raises `ConfigurationError` when it cannot be understood."""
        return load_target(self.target_path) if self.target_path else None

    @property
    def implementation(self) -> Implementation:
        """The implementation that chopsticks.toml describes; a failure is not tried again."""
        if isinstance(self._implementation, ConfigurationError):
            raise self._implementation
        return self._implementation

    @cached_property
    def _implementation(self) -> Implementation | ConfigurationError:
        if self.target is None:
            return ConfigurationError("there is no chopsticks.toml")
        try:
            return load_implementation(
                self.target,
                time_limit=self.options.time_limit,
                scratch_database=lambda: self.databases.empty(),
            )
        except ConfigurationError as error:
            return error

    @cached_property
    def canonical_implementation(self) -> Implementation:
        """The reference implementation, which ships with the suite."""
        return load_implementation(CANONICAL)

    @property
    def shared(self) -> SharedServer:
        """The server of this run, started on first use; a failure is not tried again."""
        if self._shared is None:
            try:
                self._shared = self._start()
            except ServerUnavailable as error:
                self._shared = error
        if isinstance(self._shared, ServerUnavailable):
            raise self._shared
        return self._shared

    @cached_property
    def databases(self) -> DatabaseProvider:
        shared = self.shared
        provider = DatabaseProvider(
            shared.server, shared.role, run=shared.run, process=self._process
        )
        return self._stack.enter_context(provider)

    def pool_of(self, source: object) -> Pool:
        """The databases of what a `chopsticks_template` returned; a failure is not tried again."""
        if id(source) not in self._templates:
            self._templates[id(source)] = source, self._built(source)
        _, template = self._templates[id(source)]
        if isinstance(template, Exception):
            raise template
        return self.pool(template)

    def _built(self, source: object) -> Template | Exception:
        try:
            return self.databases.template(as_schema_source(source, self._project))
        except Exception as error:  # noqa: BLE001
            return error

    def pool(self, template: Template) -> Pool:
        """The databases that this process lends to tests from a template."""
        if template not in self._pools:
            self._pools[template] = pool = Pool(self.databases, template)
            self._stack.callback(pool.close)
        return self._pools[template]

    def unmet_needs(self, requirement: Requirement) -> tuple[str, ...]:
        """Return what the requirement needs and the implementation does not claim."""
        claimed = set(self.implementation.claims)
        if self.implementation.clock == "argument":
            claimed.add("argument clock")
        if self.target and self.target.migrations:
            claimed.add("migration files")
            if self.implementation.takes_migrations:
                claimed.add("edited migrations")
        if "own server" in requirement.needs and self.shared.server.origin in _OWN:
            claimed.add("own server")
        return tuple(need for need in requirement.needs if need not in claimed)

    def close(self) -> None:
        """Stop the server if this process started it; safe to call twice."""
        self.__dict__.pop("databases", None)
        self._pools.clear()
        self._templates.clear()
        self._stack.close()

    def _start(self) -> SharedServer:
        saved = SavedCluster(str(self._project), fresh=self.options.fresh)
        request = ServerRequest(
            origin=self.options.server,
            tcp=self._needs_tcp,
            pg_bin=self.options.pg_bin,
            dsn=self.options.dsn,
            image=self.options.image,
            keep_minutes=self.options.keep_minutes,
            saved=saved,
        )
        run = secrets.token_hex(4)
        server = self._stack.enter_context(start_server(request))
        self._stack.enter_context(lasting_templates(server, saved))
        self._stack.enter_context(living_run(server, run))
        return SharedServer(server, role_for(server, run), run)

    @property
    def _needs_tcp(self) -> bool:
        try:
            target = self.target
        except ConfigurationError:
            return self.options.tcp
        return self.options.tcp or bool(target and target.commands)
