"""A harmless migration more, in the language and the shape of those that are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES
from pytest_chopsticks.migrations.javascript_module import inspect_javascript
from pytest_chopsticks.migrations.sql_parts import split_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_chopsticks.migrations.files import MigrationFile

_DESCRIPTION = "An extra table"

_SQL = "CREATE TABLE {table} (id integer PRIMARY KEY);\n"
_SQL_IN_PARTS = "-- migrate:up\nCREATE TABLE {table} (id integer PRIMARY KEY);\n\n\
-- migrate:down\nDROP TABLE {table};\n"

_PYTHON = """description = "{description}"


def _run(client, statement):
    return (getattr(client, "execute", None) or client.query)(statement)


def up(client):
    return _run(client, "CREATE TABLE {table} (id integer PRIMARY KEY)")


def down(client):
    return _run(client, "DROP TABLE {table}")
"""

_JAVASCRIPT = """\
const run = (client, text) => (client.query ?? client.execute).call(client, text);
const version = %(version)s;
const id = version;
const name = %(name)s;
const description = %(description)s;
const up = async (client) => {
  await run(client, 'CREATE TABLE %(table)s (id integer PRIMARY KEY)');
};
const down = async (client) => {
  await run(client, 'DROP TABLE %(table)s');
};
%(export)s { %(keys)s };
"""
_EXPORTS = {"default": "export default", "named": "export", "commonjs": "module.exports ="}
_KEYS = ("version", "id", "name", "description", "up", "down")
_ALWAYS = ("description", "up", "down")


def write_extra_migration(
    directory: Path, version: str, neighbours: Sequence[MigrationFile]
) -> None:
    """Write `<version>_chopsticks_extra` into `directory`, after the model of the first neighbour.

    It creates a table `chopsticks_extra_<version>`. Raises MigrationFileError without neighbours.
    """
    if not neighbours:
        raise MigrationFileError(f"{directory} has no migration file to add another one to")
    model = neighbours[0]
    path = directory / f"{version}_chopsticks_extra{model.suffix}"
    path.write_text(_content(version, path.stem, model), "utf-8")


def _content(version: str, name: str, model: MigrationFile) -> str:
    table = f"chopsticks_extra_{version}"
    if model.suffix == ".sql":
        return (_SQL_IN_PARTS if split_parts(model).marked else _SQL).format(table=table)
    if model.suffix in JAVASCRIPT_SUFFIXES:
        return _javascript(version, name, table, model)
    return _PYTHON.format(description=_DESCRIPTION, table=table)


def _javascript(version: str, name: str, table: str, model: MigrationFile) -> str:
    module = inspect_javascript(model.path)
    keys = (key for key in _KEYS if key in _ALWAYS or key in module.keys)
    return _JAVASCRIPT % {
        "version": json.dumps(version),
        "name": json.dumps(name),
        "description": json.dumps(_DESCRIPTION),
        "table": table,
        "export": _EXPORTS[module.shape],
        "keys": ", ".join(keys),
    }
