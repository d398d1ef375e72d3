"""What a migration's `up` sends, one statement after another: the places where it can be cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_chopsticks.migrations.run_migration import TIME_LIMIT_S, run_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import Connection, RecordedStatement

_SHOWN = 60
_ENDS_TRANSACTION = re.compile(
    r"\s*(COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!\s+((WORK|TRANSACTION)\s+)?TO\b))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SentStatement:
    """A statement of `up`: the `number`th of all, sent by the `call`th call of the client.

    `before` and `after` are the other statements of the same call, where it sends several.
    """

    number: int
    call: int
    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Which it is, in a few words."""
        text = " ".join(self.text.split())
        return f"statement {self.number}, `{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}`"


def sent_statements(
    file: MigrationFile, connection: Connection, *, time_limit: float = TIME_LIMIT_S
) -> tuple[SentStatement, ...]:
    """Run `up` of `file` in a transaction of `connection`, and undo it.

    It is stopped before a statement that would end the transaction: what fails after a COMMIT of
    the migration's own could not be undone by anybody. Raises MigrationFileError when it cannot be
    run, with SQLSTATE 25001 for one that cannot run in a transaction.
    """
    listener = _Listener()
    try:
        run_up(file, connection, [listener], time_limit=time_limit)
    except _TransactionEnds:
        pass
    finally:
        connection.rollback()
    return tuple(_numbered(listener.sent))


class _TransactionEnds(Exception):
    """The migration is about to end the transaction."""


class _Listener:
    def __init__(self) -> None:
        self.sent: list[RecordedStatement] = []

    def before(self, text: str) -> None:
        if _ENDS_TRANSACTION.match(text):
            raise _TransactionEnds

    def after(self, statement: RecordedStatement) -> None:
        if statement.error is None:
            self.sent.append(statement)


def _numbered(sent: Sequence[RecordedStatement]) -> list[SentStatement]:
    found: list[SentStatement] = []
    for call, together in groupby(sent, lambda statement: statement.call):
        texts = tuple(statement.text for statement in together)
        for place, text in enumerate(texts):
            number = len(found) + 1
            found.append(SentStatement(number, call, text, texts[:place], texts[place + 1 :]))
    return found
