"""`chopsticks.toml`: what an implementation says about itself, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_chopsticks.implementations import target_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_NAME = "chopsticks.toml"
DEFAULT_AUDIT_RETENTION_KEY = "auditRetentionDays"


@dataclass(frozen=True, slots=True)
class Target:
    """One implementation under test, as its `chopsticks.toml` at `path` describes it.

    Commands run in `root`, which also comes first on the import path of a Python driver.
    `statements` is a glob, relative to `root`, of the SQL an application of an earlier version
    sends. `audit_retention_key` is the key of a guild's settings that holds its retention in days.
    """

    path: Path
    name: str
    version: str | None = None
    migrate: str | None = None
    migrations: Path | None = None
    baseline: str | None = None
    command: str | None = None
    python: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    statements: str | None = None
    audit_retention_key: str = DEFAULT_AUDIT_RETENTION_KEY
    known_failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.path.parent

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that are given: programs of their own, that reach a database over TCP."""
        return tuple(filter(None, (self.baseline, self.migrate, self.command)))


def find_target(start: Path) -> Path | None:
    """The nearest `chopsticks.toml` in `start` or above it, or None."""
    start = start.resolve()
    candidates = (directory / FILE_NAME for directory in (start, *start.parents))
    return next((path for path in candidates if path.is_file()), None)


def load_target(path: Path) -> Target:
    """Read and check the file at `path`.

    Raises ConfigurationError, naming file, line, key and what is expected, when it is not TOML,
    has an unknown key or a value of another type, names a migrations directory that is not there,
    or describes nothing that can be run.
    """
    path = path.absolute()
    content = target_file.read(path)
    migrations = content.implementation.get("migrations")
    return Target(
        path=path,
        name=content.implementation["name"],
        version=content.implementation.get("version"),
        migrate=content.implementation.get("migrate"),
        migrations=None if migrations is None else path.parent / migrations,
        baseline=content.implementation.get("baseline"),
        command=content.implementation.get("command"),
        python=content.implementation.get("python"),
        env=content.env,
        statements=content.implementation.get("statements"),
        audit_retention_key=content.implementation.get(
            "audit_retention_key", DEFAULT_AUDIT_RETENTION_KEY
        ),
        known_failures=content.known_failures,
    )
