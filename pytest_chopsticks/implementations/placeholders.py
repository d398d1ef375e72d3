"""`{migrations}`, `{token_key}` and their like: the suite's values, placed into commands and env.

Only the names below are replaced, so shell variables (`${HOME}`), awk programs and JSON survive.
A name that is almost one of them is taken for a slip and refused.
"""

from __future__ import annotations

import json
import re
import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey

PLACEHOLDERS = ("migrations", "token_key", "token_keys", "database_url")

_PLACEHOLDER = re.compile(r"(?<!\$)\{([A-Za-z_]+)\}")
_IN_COMMAND = re.compile(r"""(?<!\$)(["']?)\{([a-z_]+)\}\1""")
_SLIP = 0.7


def check_placeholders(target: Target) -> None:
    """Raises ConfigurationError for a misspelt placeholder, or one that has no value."""
    for key, text in _texts_of(target).items():
        for name in _PLACEHOLDER.findall(text):
            _check_name(target, key, name)


def uses_migrations(target: Target) -> bool:
    """Whether what runs the migrations is pointed at their directory: the command, or `env`."""
    texts = (target.migrate or target.command or "", *target.env.values())
    return any("migrations" in _PLACEHOLDER.findall(text) for text in texts)


def placeholder_values(
    database: ImplementationDatabase, migrations: Path | None, token_keys: Sequence[TokenKey]
) -> dict[str, str]:
    """What each placeholder stands for; a JSON array of `{id, key}` for `token_keys`."""
    return {
        "migrations": str(migrations or ""),
        "token_key": token_keys[0].key if token_keys else "",
        "token_keys": json.dumps([{"id": key.id, "key": key.key} for key in token_keys]),
        "database_url": database.url,
    }


def fill_command(command: str, values: Mapping[str, str]) -> str:
    """Place `values` into a shell command, quoted for the shell (quotes around one are dropped)."""

    def value_of(match: re.Match[str]) -> str:
        name = match[2]
        return shlex.quote(values[name]) if name in values else match[0]

    return _IN_COMMAND.sub(value_of, command)


def fill_env(env: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Place `values` into the values of environment variables, as they are."""
    return {
        key: _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
        for key, text in env.items()
    }


def _texts_of(target: Target) -> dict[str, str]:
    commands = {"migrate": target.migrate, "baseline": target.baseline, "command": target.command}
    texts = {key: text for key, text in commands.items() if text is not None}
    return texts | {f"env.{key}": text for key, text in target.env.items()}


def _check_name(target: Target, key: str, name: str) -> None:
    if name == "migrations" and target.migrations is None:
        raise ConfigurationError(
            f"{target.path}: [implementation] {key} uses {{migrations}}, but there is no directory",
            hint='Name it in [implementation], for example migrations = "migrations".',
        )
    nearest = get_close_matches(name.lower(), PLACEHOLDERS, n=1, cutoff=_SLIP)
    if name not in PLACEHOLDERS and nearest:
        known = ", ".join(f"{{{known_name}}}" for known_name in PLACEHOLDERS)
        raise ConfigurationError(
            f"{target.path}: [implementation] {key} uses the unknown placeholder {{{name}}}",
            hint=f"Did you mean {{{nearest[0]}}}? Known placeholders: {known}.",
        )
