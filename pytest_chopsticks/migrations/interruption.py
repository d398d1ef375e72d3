"""Puts one more statement into a migration's `up`: one that fails, or one that waits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES
from pytest_chopsticks.migrations.interrupted_sql import interrupted_sql
from pytest_chopsticks.migrations.javascript_module import JavaScriptModule, inspect_javascript

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.sent_statements import SentStatement

#: No such function exists, in any database. What a program throws instead has its name too.
FAILING_STATEMENT = "SELECT chopsticks_injected_failure()"

_PYTHON = Path(__file__).with_name("interrupting.py")
_JAVASCRIPT = Path(__file__).with_name("interrupting.cjs")

# The originals are imported from where they lie, so their own imports find what they found there.
_JAVASCRIPT_SHAPES = {
    "default": """\
import asWritten from %(url)s;
import interrupting from %(interrupting_url)s;
export * from %(url)s;
const up = interrupting.interrupted(asWritten, %(plan)s);
export default Object.assign(
  Object.create(Object.getPrototypeOf(asWritten)), asWritten, { up },
);
""",
    "named": """\
import * as asWritten from %(url)s;
import interrupting from %(interrupting_url)s;
export * from %(url)s;
export const up = interrupting.interrupted(asWritten, %(plan)s);
""",
    # The line that never runs tells Node which names `import { up }` may ask for.
    "commonjs": """\
const asWritten = require(%(path)s);
const { interrupted } = require(%(interrupting)s);
const up = interrupted(asWritten, %(plan)s);
module.exports = Object.assign(
  Object.create(Object.getPrototypeOf(asWritten)), asWritten, { up },
);
0 && (module.exports = { %(keys)s });
""",
}


@dataclass(frozen=True, slots=True)
class Interruption:
    """Runs `statement` after the statement `after` of `up`, or after all of them.

    With `throws` the program throws an error there instead, which the database does not see.
    """

    statement: str
    after: SentStatement | None = None
    throws: bool = False

    @property
    def plan(self) -> dict[str, Any]:
        """What interrupting.cjs and interrupting.py read."""
        return {
            "call": self.after.call if self.after else 0,
            "text": self._text,
            "statement": self.statement,
            "throws": self.throws,
        }

    @property
    def _text(self) -> str | None:
        if self.after is None or not self.after.after:
            return None
        texts = (*self.after.before, self.after.text, self.statement, *self.after.after)
        return "".join(f"{text};\n" for text in texts)


def interrupt(file: MigrationFile, original: Path, interruption: Interruption) -> None:
    """Rewrite `file`, a copy of `original`; raises MigrationFileError when it is not understood."""
    if file.suffix == ".sql":
        text = interrupted_sql(file, interruption.statement, interruption.after)
        file.path.write_bytes(text.encode())
    elif file.suffix == ".py":
        file.path.write_bytes(file.content + _python_addition(interruption).encode())
    elif file.suffix in JAVASCRIPT_SUFFIXES:
        file.path.write_text(_javascript(original.resolve(), interruption), "utf-8")


def _python_addition(interruption: Interruption) -> str:
    source = _PYTHON.read_text("utf-8")
    return f"\n\n{source}\n\nup = _chopsticks_interrupted(up, {interruption.plan!r})\n"


@lru_cache(maxsize=64)
def _inspected(original: Path, changed: int) -> JavaScriptModule:  # noqa: ARG001
    return inspect_javascript(original)


def _javascript(original: Path, interruption: Interruption) -> str:
    module = _inspected(original, original.stat().st_mtime_ns)
    if not module.has_up:
        raise MigrationFileError(f"{original} has no up(client) that could be interrupted")
    return _JAVASCRIPT_SHAPES[module.shape] % {
        "url": json.dumps(original.as_uri()),
        "path": json.dumps(str(original)),
        "interrupting": json.dumps(str(_JAVASCRIPT)),
        "interrupting_url": json.dumps(_JAVASCRIPT.as_uri()),
        "plan": json.dumps(interruption.plan),
        "keys": ", ".join(key for key in module.keys if key.isidentifier()),
    }
