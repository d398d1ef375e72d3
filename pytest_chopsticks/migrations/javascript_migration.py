"""Runs JavaScript migrations: `node` runs the code, this process runs its statements.

`run_migration.mjs` and this module exchange lines of JSON over a socket of their own, so that
whatever the migration prints disturbs nothing.
"""

from __future__ import annotations

import base64
import re
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import psycopg

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.node_process import NodeProcess
from pytest_chopsticks.migrations.wire_results import encoded_error, encoded_results

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import RecordingClient

OLDEST_NODE = 18

_INSTALL = f"Install Node.js {OLDEST_NODE} or newer: https://nodejs.org"
_PLACE = re.compile(r":(\d+)(?::\d+)?\)?$")


def run_javascript(
    file: MigrationFile, direction: str, client: RecordingClient, deadline: float
) -> str:
    """Run the exported function of that name until `deadline` (monotonic); what it printed."""
    node = shutil.which("node")
    if node is None:
        raise MigrationFileError(
            f"{file.path} is JavaScript, and there is no `node` on the PATH", hint=_INSTALL
        )
    with NodeProcess(node, file.path.absolute(), direction) as process:
        end = _converse(process, client, deadline)
        output = process.finish(deadline)
    _judge(file, direction, end, output)
    return output


def _converse(process: NodeProcess, client: RecordingClient, deadline: float) -> dict[str, Any]:
    """Answer every statement; the message that says how the migration ended, empty if none did."""
    for message in process.messages(deadline):
        if "query" not in message:
            return message
        process.send(_answer(message, client))
    return {}


def _answer(message: dict[str, Any], client: RecordingClient) -> dict[str, Any]:
    identifier, text = message["query"], message["text"]
    try:
        cursors = client.run(text, [_parameter(value) for value in message["parameters"]])
    except psycopg.Error as error:
        start = client.records[-1].start if client.records else 0
        return {"id": identifier, "error": encoded_error(error, start)}
    except Exception as error:
        # An observer's: the client keeps it, and lets no further statement run.
        if client.stopped_by is None:
            raise
        return {"id": identifier, "error": {"message": str(error)}}
    return {"id": identifier, "results": encoded_results(cursors)}


def _parameter(value: Any) -> object:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def _judge(file: MigrationFile, direction: str, end: dict[str, Any], output: str) -> None:
    match end:
        case {"done": _}:
            return
        case {"missing": _}:
            raise MigrationFileError(f"{file.path} has no {direction}(client)")
        case {"unsupported": version}:
            raise MigrationFileError(
                f"{file.path} is JavaScript, and `node` is Node.js {version}", hint=_INSTALL
            )
        case {"failed": error}:
            raise MigrationFailed(
                f"{file.path}{_place(file, error)}: {error['name']}: {error['message']}",
                hint=_hint(file, error),
                sqlstate=error["code"] if error["name"] == "DatabaseError" else None,
                output=output,
            )
    raise MigrationFailed(
        f"{file.path}: node ended before {direction} did",
        hint="A migration must return, and must not call process.exit.",
        output=output,
    )


def _place(file: MigrationFile, error: dict[str, Any]) -> str:
    names = (file.name, file.path.resolve().name)
    lines = [line for line in error["stack"].splitlines() if any(name in line for name in names)]
    match = next(filter(None, map(_PLACE.search, lines)), None)
    return f":{match[1]}" if match else ""


def _hint(file: MigrationFile, error: dict[str, Any]) -> str | None:
    if error["name"] != "SyntaxError":
        return None
    return f"Try it: node -e 'import(process.argv[1])' {shlex.quote(str(file.path))}"
