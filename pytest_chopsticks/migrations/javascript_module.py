"""JavaScript migrations, imported by plain `node` to see what they export."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.implementations.command import command_environment, run_command

if TYPE_CHECKING:
    from pytest_chopsticks.implementations.command import CommandResult

TIME_LIMIT_S = 10.0

_THROWN = re.compile(r"\w*(Error|Exception)\b")
_INSPECT = Path(__file__).with_name("inspect.mjs")


@dataclass(frozen=True, slots=True)
class JavaScriptModule:
    """What a migration exports, and in which of three shapes.

    `default` is `export default {…}`, `named` is `export const up = …`, `commonjs` is
    `module.exports = {…}`; `keys` are the names exported in that shape.
    """

    shape: Literal["default", "named", "commonjs"]
    keys: tuple[str, ...]
    version: str | None
    description: str | None
    has_up: bool
    has_down: bool


def inspect_javascript(path: Path) -> JavaScriptModule:
    """Import the file at `path` with `node`, in its directory, and look at its exports.

    What the file prints is ignored. Raises MigrationFileError when there is no `node`, when the
    import fails or ends the process, and when it takes longer than 10 s.
    """
    path = path.absolute()
    node = shutil.which("node")
    if node is None:
        raise MigrationFileError(
            f"{path} is JavaScript, and there is no `node` on the PATH",
            hint="Install Node.js 18 or newer: https://nodejs.org",
        )
    with tempfile.TemporaryDirectory(prefix="pytest-chopsticks-inspect-") as directory:
        answer = Path(directory) / "answer.json"
        command = shlex.join([node, str(_INSPECT), str(path), str(answer)])
        result = run_command(
            command, cwd=path.parent, env=command_environment({}, {}), time_limit=TIME_LIMIT_S
        )
        text = answer.read_text("utf-8") if answer.exists() else ""
    return _module(_answer(path, result, text))


def _answer(path: Path, result: CommandResult, text: str) -> dict[str, Any]:
    if result.timed_out:
        raise MigrationFileError(
            f"{path}: importing it did not end within {TIME_LIMIT_S:g} s",
            hint="A migration must not wait for anything when it is imported, only in `up`.",
        )
    if not text:
        raise _import_error(path, result)
    answer: dict[str, Any] = json.loads(text)
    return answer


def _import_error(path: Path, result: CommandResult) -> MigrationFileError:
    lines = result.stderr.splitlines()
    thrown = next((line for line in lines if _THROWN.match(line)), "")
    what = thrown or f"importing it ended node with exit status {result.exit_status}"
    place = re.search(re.escape(path.name) + r":(\d+)", result.stderr)
    source = ""
    if place:
        shown = result.stderr[place.end() :].strip("\n").partition("\n")[0].strip()
        source = f"\n    {shown}" if shown and not shown.startswith((":", ")")) else ""
    return MigrationFileError(
        f"{path}{f':{place[1]}' if place else ''}: {what}{source}",
        hint=f"Try it: node -e 'import(process.argv[1])' {shlex.quote(str(path))}",
    )


def _module(answer: dict[str, Any]) -> JavaScriptModule:
    return JavaScriptModule(
        shape=answer["shape"],
        keys=tuple(answer["keys"]),
        version=answer["version"],
        description=answer["description"],
        has_up=answer["up"],
        has_down=answer["down"],
    )
