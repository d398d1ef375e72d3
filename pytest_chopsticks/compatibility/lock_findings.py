"""What locks, scans and rewrites come to: whom the migration keeps waiting, and for how long.

Only what was seen counts, and only on tables that were there before and have rows. A lock that is
taken and given up at once, such as the ACCESS EXCLUSIVE of ADD COLUMN, keeps nobody waiting for
long; a rewrite or a scan under a lock that blocks others does, the longer the larger the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.watching import (
    WatchedStatement,
    blocks_readers,
    blocks_writers,
    stronger,
)

#: What a statement may take, in seconds, before it counts as a wait for others.
LONG_S = 1.0
_SHOWN = 60


def lock_findings(
    watched: Sequence[WatchedStatement], places: Sequence[Place]
) -> Iterator[Finding]:
    """The findings of a migration's statements, each with its own place."""
    held: dict[str, str] = {}
    for statement, place in zip(watched, places, strict=True):
        locks = _all_locks(statement)
        yield from _rewrites(statement, place)
        yield from _scans(statement, locks, held, place)
        yield from _waits(statement, held, place)
        held = dict(statement.locks)


def strongest_locks(watched: Sequence[WatchedStatement]) -> dict[str, str]:
    """The strongest lock on each earlier table that blocks at least writers."""
    found: dict[str, str] = {}
    for statement in watched:
        for table, mode in _all_locks(statement).items():
            found[table] = stronger(found.get(table), mode) or mode
    return {table: mode for table, mode in sorted(found.items()) if blocks_writers(mode)}


def held_ms(watched: Sequence[WatchedStatement]) -> dict[str, float]:
    """For how long the statements ran from the one that took such a lock to the last one."""
    held: dict[str, float] = {}
    for statement in watched:
        taken = {table for table, mode in _all_locks(statement).items() if blocks_writers(mode)}
        for table in taken | set(held):
            held[table] = held.get(table, 0.0) + statement.record.duration_s * 1000
    return held


def _all_locks(statement: WatchedStatement) -> Mapping[str, str]:
    """Held at its end, or waited for while it ran."""
    tables = {*statement.locks, *statement.waited_for}
    modes = {t: stronger(statement.locks.get(t), statement.waited_for.get(t)) for t in tables}
    return {table: mode for table, mode in modes.items() if mode}


def _rewrites(statement: WatchedStatement, place: Place) -> Iterator[Finding]:
    if _command(statement).startswith("TRUNCATE"):
        return
    for table in statement.rewritten:
        yield _finding(
            "rewrite",
            table,
            f"{table} is written anew as a whole, and nobody can read it meanwhile"
            f" ({_short(statement)})",
            place,
        )


def _scans(
    statement: WatchedStatement,
    locks: Mapping[str, str],
    held: Mapping[str, str],
    place: Place,
) -> Iterator[Finding]:
    for table in statement.scanned:
        if table in statement.rewritten:
            continue
        mode = locks.get(table)
        if not blocks_writers(mode):
            yield from _kept_elsewhere(statement, table, held, place)
        elif blocks_writers(held.get(table)):
            yield _finding(
                "exclusive-lock-kept",
                table,
                f"{table} is read as a whole while the {held[table]} lock of an earlier"
                f" statement is still held; {_whom(held[table])} until the migration ends"
                f" ({_short(statement)})",
                place,
            )
        else:
            yield _finding(
                "scan-under-lock",
                table,
                f"{table} is read as a whole under {_a(mode)} lock; {_whom(mode)} meanwhile"
                f" ({_short(statement)})",
                place,
            )


def _kept_elsewhere(
    statement: WatchedStatement, scanned: str, held: Mapping[str, str], place: Place
) -> Iterator[Finding]:
    """The clients of another table wait for a scan that is no business of theirs."""
    for table, mode in held.items():
        if table != scanned and blocks_writers(mode):
            yield _finding(
                "exclusive-lock-kept",
                table,
                f"{scanned} is read as a whole while the {mode} lock of an earlier statement on"
                f" {table} is still held; {_whom(mode)} until the migration ends"
                f" ({_short(statement)})",
                place,
            )


def _a(mode: str | None) -> str:
    article = "an" if mode and mode[0] in "AE" else "a"
    return f"{article} {mode}"


def _waits(statement: WatchedStatement, held: Mapping[str, str], place: Place) -> Iterator[Finding]:
    """Whatever takes long prolongs the locks of earlier statements."""
    if statement.record.duration_s < LONG_S or statement.scanned:
        return
    for table, mode in held.items():
        if blocks_writers(mode):
            yield _finding(
                "exclusive-lock-kept",
                table,
                f"{_short(statement)} takes {statement.record.duration_s:.1f} s while the {mode}"
                f" lock of an earlier statement on {table} is held; {_whom(mode)} that long",
                place,
            )


def _short(statement: WatchedStatement) -> str:
    text = " ".join(statement.record.text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _whom(mode: str | None) -> str:
    return "everybody waits" if blocks_readers(mode) else "writers wait"


def _command(statement: WatchedStatement) -> str:
    return statement.record.text.lstrip().upper()


def _finding(rule: str, subject: str, message: str, place: Place) -> Finding:
    return Finding(
        family=Family.LOCK_SAFE,
        rule=rule,
        subject=subject,
        message=message,
        evidence=Evidence.OBSERVED,
        verdict=Verdict.BREAKS,
        place=place,
    )
