"""The text of a new `chopsticks.toml`."""

from __future__ import annotations

import json

from pytest_chopsticks.command_line.init_repository import Repository

_TEMPLATE = """\
# What `pytest --chopsticks-db` judges in this repository.

[implementation]
name = {name}
{version}

# A command that brings an empty database to the current schema. It gets DATABASE_URL, POSTGRES_URL
# and the PG* variables, and an ordinary role. Where it can be given a directory of migrations, put
# {{migrations}} into it, or into a variable of env: then edited copies of them are judged too.
{migrate}

# The directory of the migration files (.js .mjs .cjs .py .sql), named YYYYMMDD_HHMMSS_description.
{migrations}

# Only where the files do not start from an empty database: a command for what comes before them.
# baseline = "npm run ensure-schema"

# What carries the operations out. Without it, only schema and migrations are judged.
# `chopsticks init --driver node` (or python) writes one to start from.
{driver}

# Further variables of the environment, in which {{token_key}}, {{token_keys}}, {{migrations}} and
# {{database_url}} stand for the suite's values.
# env = {{ AGENT_TOKEN_KEY = "{{token_key}}" }}

# What is known to fail, with the reason. It is shown in every report, and fails once it passes.
# [known-failures]
# "tokens.bound-to-row" = "#42: bind the ciphertext to its row"
"""


def chopsticks_toml(repository: Repository, driver: tuple[str, str] | None) -> str:
    """The file for what was found; `driver` is the key and the value that name a driver."""
    return _TEMPLATE.format(
        name=_quoted(repository.name),
        version=_setting("version", repository.version, "1.0.0"),
        migrate=_setting("migrate", repository.migrate, "npm run migrate"),
        migrations=_migrations(repository),
        driver=f"{driver[0]} = {_quoted(driver[1])}"
        if driver
        else '# command = "node conformance/driver.mjs"\n# python = "acme.conformance:Driver"',
    )


def _migrations(repository: Repository) -> str:
    line = _setting("migrations", repository.migrations, "migrations")
    found = ", ".join(f"{count} {suffix}" for suffix, count in repository.suffixes)
    return f"{line}  # found: {found}" if found else line


def _setting(key: str, value: str | None, example: str) -> str:
    return f"{key} = {_quoted(value)}" if value else f"# {key} = {_quoted(example)}"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes alike, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
