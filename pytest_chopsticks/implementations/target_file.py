"""The syntax of `chopsticks.toml`, checked: complaints name the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TABLES = ("implementation", "known-failures")
TEXT_KEYS = (
    "name",
    "version",
    "migrate",
    "migrations",
    "baseline",
    "command",
    "python",
    "statements",
    "audit_retention_key",
)
RUNNABLE_KEYS = ("migrate", "python", "command")

_EXAMPLE = '[implementation]\n    name = "acme-bot"\n    migrate = "npm run migrate"'
_PYTHON_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_TYPE_NAMES = {
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class TargetFile:
    """The checked content: the string keys of [implementation], its `env`, the known failures."""

    implementation: dict[str, str]
    env: dict[str, str]
    known_failures: dict[str, str]


def read(path: Path) -> TargetFile:
    """Read and check `path`; raises ConfigurationError."""
    text = _text_of(path)
    return _Checker(path, text).check(_parsed(path, text))


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}",
            hint=f"A chopsticks.toml begins like this:\n    {_EXAMPLE}",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8 (byte {error.start}: {error.reason})",
            hint="Save it as UTF-8: TOML allows no other encoding.",
        ) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path} is not TOML: {error}",
            hint="Strings need quotes, and each key its own line: https://toml.io/en/v1.0.0",
        ) from error


class _Checker:
    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def check(self, content: dict[str, Any]) -> TargetFile:
        self._known_keys("", content, TABLES)
        implementation = self._table("implementation", content.get("implementation", {}))
        self._known_keys("[implementation] ", implementation, (*TEXT_KEYS, "env"))
        env = self._texts("[implementation] env", implementation.pop("env", {}))
        self._variable_names(env)
        texts = self._texts("[implementation]", implementation)
        self._complete(texts)
        known_failures = self._texts("[known-failures]", content.get("known-failures", {}))
        return TargetFile(texts, env, known_failures)

    def _known_keys(self, where: str, table: dict[str, Any], known: Iterable[str]) -> None:
        for key in table:
            if key not in known:
                nearest = get_close_matches(key, known, n=1)
                correction = f'Did you mean "{nearest[0]}"? ' if nearest else ""
                raise self._error(
                    f'{where}unknown key "{key}"',
                    key=key,
                    hint=f"{correction}Valid here: {', '.join(known)}.",
                )

    def _table(self, name: str, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(
                f"{name} must be a table, not {_type_name(value)}",
                key=name.rpartition(" ")[2].strip("[]"),
                hint=f'Write {name} as a table of strings: key = "value".',
            )
        return value

    def _texts(self, where: str, table: object) -> dict[str, str]:
        for key, value in self._table(where, table).items():
            if not isinstance(value, str):
                raise self._error(
                    f'{where} "{key}" must be a string, not {_type_name(value)}',
                    key=key,
                    hint=f'Write it in quotes: {key} = "…".',
                )
            if "\0" in value or (not value.strip() and not where.endswith(" env")):
                raise self._error(
                    f'{where} "{key}" is empty or contains U+0000',
                    key=key,
                    hint="Give it a value, or remove the key.",
                )
        return dict(table)  # type: ignore[call-overload, no-any-return]

    def _variable_names(self, env: dict[str, str]) -> None:
        for name in env:
            if not name or "=" in name or "\0" in name:
                raise self._error(
                    f'[implementation] env "{name}" cannot be the name of an environment variable',
                    key="env",
                    hint='For example env = { AGENT_TOKEN_KEY = "{token_key}" }.',
                )

    def _complete(self, texts: dict[str, str]) -> None:
        if "name" not in texts:
            raise self._error(
                "[implementation] name is missing",
                hint=f"Reports need to call the implementation something:\n    {_EXAMPLE}",
            )
        if not any(key in texts for key in RUNNABLE_KEYS):
            raise self._error(
                "[implementation] has none of migrate, python and command: nothing can be run",
                hint=f"Say which command makes the schema in an empty database:\n    {_EXAMPLE}",
            )
        self._python_reference(texts.get("python"))
        self._migrations_directory(texts.get("migrations"))

    def _python_reference(self, reference: str | None) -> None:
        if reference is not None and not _PYTHON_REFERENCE.fullmatch(reference):
            raise self._error(
                f'[implementation] python = "{reference}" is not of the form "module:Class"',
                key="python",
                hint='For example python = "acme.conformance:Implementation".',
            )

    def _migrations_directory(self, migrations: str | None) -> None:
        if migrations is not None and not (self._path.parent / migrations).is_dir():
            raise self._error(
                f'[implementation] migrations = "{migrations}" is not a directory: '
                f"{self._path.parent / migrations}",
                key="migrations",
                hint=f"Name the directory of migration files, relative to {self._path.parent}.",
            )

    def _error(self, message: str, *, hint: str, key: str | None = None) -> ConfigurationError:
        return ConfigurationError(f"{self._path}{self._line_of(key)}: {message}", hint=hint)

    def _line_of(self, key: str | None) -> str:
        if key is None:
            return ""
        # tomllib keeps no positions: the first line that sets the key, or opens the table, is it.
        sets_key = re.compile(rf"""(^|[\s{{,\[.])["']?{re.escape(key)}["']?\s*[=\]]""")
        numbers = (n for n, line in enumerate(self._lines, 1) if sets_key.search(line))
        return next((f":{number}" for number in numbers), "")


def _type_name(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "a date or time")
