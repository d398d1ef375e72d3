"""Where in an SQL migration one more statement goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_chopsticks.migrations.sql_parts import Statement, split_parts, statements

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.sent_statements import SentStatement

_BEGIN = re.compile(r"(BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_COMMIT = re.compile(r"(COMMIT|END)(\s+(WORK|TRANSACTION))?", re.IGNORECASE)


def interrupted_sql(file: MigrationFile, statement: str, after: SentStatement | None) -> str:
    """The text of `file` with `statement` behind that statement of its `up`, or behind all."""
    parts = split_parts(file)
    found = statements(parts.up)
    if after is None:
        place, separator = _end(parts.up, found)
        inserted = f"{separator}\n{statement};\n"
    else:
        # The semicolon that ended the statement, if there was one, ends the other.
        place, inserted = found[after.number - 1].end, f";\n{statement}\n"
    return f"{parts.before}{parts.up[:place]}{inserted}{parts.up[place:]}{parts.after}"


def _end(up: str, found: tuple[Statement, ...]) -> tuple[int, str]:
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
