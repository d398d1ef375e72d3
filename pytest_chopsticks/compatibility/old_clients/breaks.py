"""What statements of old clients get that they did not get before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pytest_chopsticks.compatibility.contents.attempts import Pairs
from pytest_chopsticks.compatibility.contents.secret_columns import HIDDEN, is_secret
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement
from pytest_chopsticks.compatibility.old_clients.outcomes import Outcome, Outcomes

#: "refused" was accepted before, "accepted" was refused, "other-refusal" is one that a client which
#: expects a conflict does not know. "ambiguous-join" is a refusal of a join that was made up: it
#: breaks clients that send such a join. "default-changed" is an allowed change that shows.
BreakKind = Literal[
    "refused",
    "accepted",
    "other-refusal",
    "row-count",
    "returned",
    "visible-row",
    "ambiguous-join",
    "default-changed",
]

_AMBIGUOUS = "42702"
_CONFLICT = "23505"
_INTEGRITY = "23"
_SHOWN = 60
_ROWS_SHOWN = 3
_STAGES = {"preparation": "a row that it needs was ", "commit": "at COMMIT "}


@dataclass(frozen=True, slots=True)
class Break:
    """One statement that gets something else, and how many others do in the same way."""

    kind: BreakKind
    statement: OldStatement
    before: Outcome
    after: Outcome
    others: tuple[OldStatement, ...] = ()

    @property
    def is_note(self) -> bool:
        """Whether it is worth knowing, but breaks no client that is known to exist."""
        return self.kind in ("default-changed", "ambiguous-join")

    @property
    def is_consequence(self) -> bool:
        """Whether already the rows that the statement needs were not written as before."""
        return self.before.prepared != self.after.prepared

    @property
    def table(self) -> str:
        return self.statement.table

    @property
    def message(self) -> str:
        """What a person reads: the statement, what it got before and what it gets now."""
        told = f"{self.statement}: before, {_told(self.before, self.after, self.kind)}; "
        told += f"now, {_told(self.after, self.before, self.kind)}"
        if self.others:
            told += f" (and so {len(self.others)} more)"
        return told


def breaks(before: Outcomes, after: Outcomes) -> tuple[Break, ...]:
    """Compare two replays of the same statements.

    Statements that the old schema refused may be refused still. What differs only by the time, by
    values of sequences, or by columns that were added behind a `*`, is no difference. Statements
    that get the same for the same reason are told once.
    """
    there = {outcome.statement.identity: outcome for outcome in after.outcomes}
    found = [
        Break(kind, earlier.statement, earlier, later)
        for earlier in before.outcomes
        if (later := there.get(earlier.statement.identity)) is not None
        if (kind := _kind(earlier, later, before, after)) is not None
    ]
    direct = [one for one in found if not one.is_consequence]
    return tuple(_grouped(direct or found))


def _kind(earlier: Outcome, later: Outcome, before: Outcomes, after: Outcomes) -> BreakKind | None:
    if earlier.sqlstate is not None:
        return _after_refusal(earlier, later)
    if later.sqlstate is not None:
        made_up = later.statement.kind == "join" and later.sqlstate == _AMBIGUOUS
        return "ambiguous-join" if made_up else "refused"
    if earlier.row_count != later.row_count:
        return "row-count"
    if not _same_rows(earlier.returned, later.returned):
        return "returned"
    if not _same_rows(earlier.visible, later.visible):
        different = _different(earlier.visible, later.visible)
        if different and different <= _changed_defaults(earlier.statement, before, after):
            return "default-changed"
        return "visible-row"
    return None


def _after_refusal(earlier: Outcome, later: Outcome) -> BreakKind | None:
    if later.sqlstate is None:
        return "accepted"
    known = earlier.sqlstate == _CONFLICT and earlier.stage == "statement"
    if known and not later.sqlstate.startswith(_INTEGRITY):
        return "other-refusal"
    return None


def _same_rows(earlier: Sequence[Pairs], later: Sequence[Pairs]) -> bool:
    """In any order, and but for columns that are new."""
    names = {name for row in earlier for name, _ in row}
    return sorted(_texts(earlier, names)) == sorted(_texts(later, names))


def _texts(rows: Sequence[Pairs], names: set[str]) -> Iterator[str]:
    for row in rows:
        kept = [(name, _normal(value)) for name, value in row if not names or name in names]
        yield repr(sorted(kept))


def _normal(value: Any) -> Any:
    """Equal values have equal texts: 1.50 and 1.5, objects in any order."""
    if isinstance(value, dict):
        return sorted((name, repr(_normal(one))) for name, one in value.items())
    if isinstance(value, list):
        return [_normal(one) for one in value]
    if isinstance(value, str | bool) or value is None:
        return repr(value)
    return repr(float(value)) if value != value else str(_plain(value))


def _plain(number: Any) -> Any:
    whole = int(number)
    return whole if whole == number else number.normalize()


def _different(earlier: Sequence[Pairs], later: Sequence[Pairs]) -> set[str]:
    """The columns in which rows differ; none where there are not as many rows."""
    if len(earlier) != len(later):
        return set()
    return {
        name
        for row, other in zip(earlier, later, strict=True)
        for name, value in row
        if _normal(dict(other).get(name)) != _normal(value)
    }


def _changed_defaults(statement: OldStatement, before: Outcomes, after: Outcomes) -> frozenset[str]:
    """The columns left to a default that is another one now; one that was dropped is none."""
    return frozenset(
        name
        for name in statement.omitted
        if (new := after.defaults.get((statement.table, name))) is not None
        and new != before.defaults.get((statement.table, name))
    )


def _grouped(found: Sequence[Break]) -> Iterator[Break]:
    groups: dict[tuple[Any, ...], list[Break]] = {}
    for one in found:
        groups.setdefault(_reason(one), []).append(one)
    for first, *others in groups.values():
        yield replace(first, others=tuple(one.statement for one in others))


def _reason(one: Break) -> tuple[Any, ...]:
    after = one.after
    if one.kind in ("visible-row", "default-changed"):
        detail: Any = frozenset(_different(one.before.visible, after.visible)) or len(after.visible)
    elif one.kind in ("row-count", "returned"):
        detail = one.statement.kind, one.statement.file, one.statement.line
    else:
        detail = after.sqlstate, after.message
    return one.kind, one.table, detail


def _told(outcome: Outcome, other: Outcome, kind: BreakKind) -> str:
    if outcome.sqlstate is not None:
        where = _STAGES.get(outcome.stage, "")
        return f"{where}refused with SQLSTATE {outcome.sqlstate} ({outcome.message})"
    rows = f"{outcome.row_count} row{'' if outcome.row_count == 1 else 's'}"
    if other.sqlstate is not None or kind == "row-count":
        return rows
    if kind == "returned":
        return _told_rows(outcome.returned, other.returned)
    return f"{rows}, then visible: {_told_rows(outcome.visible, other.visible)}"


def _told_rows(rows: Sequence[Pairs], others: Sequence[Pairs]) -> str:
    if len(rows) != len(others):
        return f"{len(rows)} row{'' if len(rows) == 1 else 's'}" if rows else "nothing"
    pairs = zip(rows, others, strict=True)
    told = [_told_row(row, other) for row, other in pairs if _texts_differ(row, other)]
    return "; ".join(told[:_ROWS_SHOWN])


def _texts_differ(row: Pairs, other: Pairs) -> bool:
    return not _same_rows([row], [other])


def _told_row(row: Pairs, other: Pairs) -> str:
    """Only what is not so in the other."""
    values = dict(other)
    shown = (
        f"{name} = {HIDDEN if is_secret(name) else _short(value)}"
        for name, value in row
        if name not in values or _normal(values[name]) != _normal(value)
    )
    return ", ".join(shown)


def _short(value: Any) -> str:
    text = "NULL" if value is None else str(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
