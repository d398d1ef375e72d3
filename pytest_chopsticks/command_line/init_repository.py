"""What a repository tells about the implementation in it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.migrations.files import list_migrations

_MIGRATION_DIRECTORIES = (
    "migrations",
    "db/migrations",
    "database/migrations",
    "src/migrations",
    "src/db/migrations",
    "src/database/migrations",
    "sql/migrations",
    "sql",
)
_LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
}
# Applies migrations, as scripts are usually called; the first that is there wins.
_MIGRATE_SCRIPTS = ("migrate", "db:migrate", "migrate:up", "migrations:run", "migration:run")
_OTHER_PURPOSE = re.compile(
    r"down|rollback|revert|undo|create|make|new|generate|status|list|reset|fresh|test|lint|check|dry"
)


@dataclass(frozen=True, slots=True)
class Repository:
    """What was found. `migrate` is a command, `migrations` a directory relative to the root.

    `suffixes` counts the migration files there by suffix; `sources` names what was read.
    """

    name: str
    version: str | None
    migrate: str | None
    migrations: str | None
    suffixes: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]


def look_at(root: Path) -> Repository:
    """Look at the repository in `root`; changes nothing.

    Raises ConfigurationError when it is no directory, or its package.json or pyproject.toml cannot
    be read.
    """
    if not root.is_dir():
        raise ConfigurationError(
            f"{root} is not a directory", hint="Name the root of the implementation's repository."
        )
    package, project = _package(root / "package.json"), _project(root / "pyproject.toml")
    migrations = _migrations_directory(root)
    files = list_migrations(root / migrations) if migrations else ()
    described = package or project
    return Repository(
        name=_text(described, "name") or root.resolve().name,
        version=_text(described, "version"),
        migrate=_migrate_command(root, package),
        migrations=migrations,
        suffixes=tuple(Counter(file.suffix for file in files).most_common()),
        sources=tuple(
            name
            for name, found in (("package.json", package), ("pyproject.toml", project))
            if found
        ),
    )


def _package(path: Path) -> dict[str, Any]:
    text = _content(path)
    if text is None:
        return {}
    try:
        package = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{path}:{error.lineno}: not JSON: {error.msg}", hint="npm cannot read it either."
        ) from error
    if not isinstance(package, dict):
        raise ConfigurationError(f"{path} holds no object", hint="A package.json begins with {.")
    return package


def _project(path: Path) -> dict[str, Any]:
    text = _content(path)
    if text is None:
        return {}
    try:
        project = tomllib.loads(text).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path} is not TOML: {error}", hint="pip cannot read it either."
        ) from error
    return project if isinstance(project, dict) else {}


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8 (byte {error.start})", hint="Save it as UTF-8."
        ) from error


def _migrations_directory(root: Path) -> str | None:
    """The usual place that has migration files, or else the first that is there."""
    present = [name for name in _MIGRATION_DIRECTORIES if (root / name).is_dir()]
    with_files = [name for name in present if list_migrations(root / name)]
    return next(iter([*with_files, *present]), None)


def _migrate_command(root: Path, package: dict[str, Any]) -> str | None:
    scripts = package.get("scripts")
    if not isinstance(scripts, dict):
        return None
    usual = [name for name in _MIGRATE_SCRIPTS if name in scripts]
    others = [name for name in scripts if "migrat" in name and not _OTHER_PURPOSE.search(name)]
    script = next(iter([*usual, *others]), None)
    return f"{_runner(root)} run {script}" if script else None


def _runner(root: Path) -> str:
    return next((runner for file, runner in _LOCK_FILES.items() if (root / file).exists()), "npm")


def _text(table: dict[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) and value.strip() else None
