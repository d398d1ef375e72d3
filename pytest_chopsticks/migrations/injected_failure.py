"""Makes a migration fail in the database after all that its `up` does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES
from pytest_chopsticks.migrations.javascript_module import inspect_javascript
from pytest_chopsticks.migrations.sql_parts import SqlParts, Statement, split_parts, statements

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_chopsticks.migrations.files import MigrationFile

#: No such function exists, in any database.
FAILING_STATEMENT = "SELECT chopsticks_injected_failure()"

_BEGIN = re.compile(r"(BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_COMMIT = re.compile(r"(COMMIT|END)(\s+(WORK|TRANSACTION))?", re.IGNORECASE)

_PYTHON = """

def _chopsticks_fail_after(up_as_written):
    def run(client):
        return (getattr(client, "execute", None) or client.query)("{statement}")

    async def finish(pending, client):
        await pending
        failing = run(client)
        if hasattr(failing, "__await__"):
            await failing

    def up(client, *args, **kwargs):
        pending = up_as_written(client, *args, **kwargs)
        return finish(pending, client) if hasattr(pending, "__await__") else run(client)

    return up


up = _chopsticks_fail_after(up)
"""

_JAVASCRIPT_FAILING_UP = """\
const failAfter = (migration) => async (client, ...rest) => {
  await migration.up(client, ...rest);
  await (client.query ?? client.execute).call(client, '%(statement)s');
};
const failing = (migration) => Object.assign(
  Object.create(Object.getPrototypeOf(migration)), migration, { up: failAfter(migration) },
);
"""

# The originals are imported from where they lie, so their own imports find what they found there.
_JAVASCRIPT_SHAPES = {
    "default": """\
import asWritten from %(url)s;
export * from %(url)s;
%(failing_up)sexport default failing(asWritten);
""",
    "named": """\
import * as asWritten from %(url)s;
export * from %(url)s;
%(failing_up)sexport const up = failAfter(asWritten);
""",
    # The line that never runs tells Node which names `import { up }` may ask for.
    "commonjs": """\
const asWritten = require(%(path)s);
%(failing_up)smodule.exports = failing(asWritten);
0 && (module.exports = { %(keys)s });
""",
}


def inject_failure(file: MigrationFile, original: Path) -> None:
    """Rewrite `file`, a copy of `original`, so that its `up` ends with FAILING_STATEMENT.

    Raises MigrationFileError when it cannot be understood.
    """
    if file.suffix == ".sql":
        file.path.write_bytes(_failing_sql(split_parts(file)).encode())
    elif file.suffix == ".py":
        addition = _PYTHON.format(statement=FAILING_STATEMENT)
        file.path.write_bytes(file.content + addition.encode())
    elif file.suffix in JAVASCRIPT_SUFFIXES:
        file.path.write_text(_failing_javascript(original.resolve()), "utf-8")


def _failing_sql(parts: SqlParts) -> str:
    found = statements(parts.up)
    place, separator = _place_of_failure(parts.up, found)
    failing = f"{separator}\n{FAILING_STATEMENT};\n"
    return f"{parts.before}{parts.up[:place]}{failing}{parts.up[place:]}{parts.after}"


def _place_of_failure(up: str, found: tuple[Statement, ...]) -> tuple[int, str]:
    """Where in `up` the statement goes, and what must end the statement before it.

    Before a final COMMIT of a transaction that the file itself began: what fails after it could
    not be undone by any runner.
    """
    if not found:
        return len(up), ""
    last = found[-1]
    begins = any(_BEGIN.match(up, statement.start) for statement in found)
    if begins and _COMMIT.fullmatch(up[last.start : last.end]):
        return last.start, ""
    return (len(up), "") if last.terminated else (last.end, ";")


def _failing_javascript(original: Path) -> str:
    module = inspect_javascript(original)
    if not module.has_up:
        raise MigrationFileError(f"{original} has no up(client) that could be made to fail")
    return _JAVASCRIPT_SHAPES[module.shape] % {
        "url": json.dumps(original.as_uri()),
        "path": json.dumps(str(original)),
        "failing_up": _JAVASCRIPT_FAILING_UP % {"statement": FAILING_STATEMENT},
        "keys": ", ".join(key for key in module.keys if key.isidentifier()),
    }
