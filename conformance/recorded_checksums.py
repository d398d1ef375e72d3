"""Histories whose bytes are unusual: CR LF, byte order marks. The checksum is that of the bytes."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Mapping, Sequence

from pytest_chopsticks.implementations import Outcome, Refused
from pytest_chopsticks.migrations.editions import ByteOrderMark, Edit, OtherLineEndings
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.violation import Violation

from .migration_history import History, expect_one_reported

#: What is sometimes hashed instead of the bytes.
_NOT_THE_BYTES: Mapping[str, Callable[[bytes], bytes]] = {
    "of the text with LF line endings": lambda content: content.replace(b"\r\n", b"\n"),
    "of the text with CR LF line endings": lambda content: content.replace(b"\n", b"\r\n"),
    "of the text without the byte order mark": lambda content: content.removeprefix(
        codecs.BOM_UTF8
    ),
    "of the text without white space around it": bytes.strip,
}


def expect_line_endings_count(history: History) -> None:
    """Apply the history with other line endings: it is accepted, and the bytes are hashed."""
    _expect_hashed(history, OtherLineEndings, "other line endings", may_be_refused=False)


def expect_byte_order_mark_counts(history: History) -> None:
    """Apply the history with byte order marks: the bytes are hashed, or a version is refused."""
    _expect_hashed(history, ByteOrderMark, "byte order marks added", may_be_refused=True)


def checksum_told(file: MigrationFile, recorded: str) -> str:
    """A recorded checksum, and what it is of, should that be known."""
    for what, read in _NOT_THE_BYTES.items():
        if hashlib.sha256(read(file.content)).hexdigest() == recorded.lower():
            return f"{recorded}, which is {what}"
    return recorded


def _expect_hashed(
    history: History, edit: Callable[[str], Edit], what: str, *, may_be_refused: bool
) -> None:
    edits = [edit(file.name) for file in history.files]
    with history.database() as database, history.edition(*edits) as edited:
        outcome = history.implementation.migrate(database, edited)
        files = list_migrations(edited)
        recorded = dict(history.records(database))
        applied = [file for file in files if file.version in recorded]
        for file in applied:
            if recorded[file.version] != file.checksum:
                raise Violation(
                    expected=f"checksum {file.checksum}, the SHA-256 of the bytes of {file.name},"
                    f" in a history with {what}",
                    actual=checksum_told(file, recorded[file.version]),
                )
        if len(applied) < len(files):
            _expect_refusal(outcome, files, what, may_be_refused)


def _expect_refusal(
    outcome: Outcome, files: Sequence[MigrationFile], what: str, may_be_refused: bool
) -> None:
    said = outcome.report if isinstance(outcome, Refused) else outcome.output
    if isinstance(outcome, Refused) and may_be_refused:
        versions = [file.version for file in files]
        expect_one_reported(outcome, versions, f"a history with {what} is refused")
        return
    raise Violation(
        expected=f"a history with {what} is applied wholly", actual=said or "it ends well"
    )
