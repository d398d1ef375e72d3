"""What became of earlier values: rows that are gone, values that are gone or others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pytest_chopsticks.compatibility.contents.digest import (
    Digest,
    HashedColumn,
    Key,
    TableDigest,
    Values,
)
from pytest_chopsticks.compatibility.contents.secret_columns import HIDDEN, is_secret

#: "null-filled" is an earlier NULL that has a value now; of "row-doubled" ones, all are found again
#: where they were, but more than once.
LossKind = Literal["row-lost", "row-doubled", "value-lost", "value-changed", "null-filled"]

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of loss in one column, or of whole rows where `column` is None.

    `count` rows have it, or more where the table was too large to know. `key`, `before` and `after`
    are those of one of them, where the table was small. `gone` says that the column itself is no
    longer there. `moved_to` names where all the values are now, where they are elsewhere under
    another name: then nothing is lost but the name.
    """

    kind: LossKind
    table: str
    column: str | None
    count: int
    key: tuple[tuple[str, str | None], ...] = ()
    before: str | None = None
    after: str | None = None
    gone: bool = False
    moved_to: str | None = None

    @property
    def message(self) -> str:
        if self.moved_to is not None:
            return f"{self._subject} is gone; its values are now in {self.moved_to}"
        if self.kind == "row-lost":
            return (
                f"{self._rows} of {self.table} {'is' if self.count == 1 else 'are'} gone{self._one}"
            )
        if self.kind == "row-doubled":
            return f"{self.table} has {self._rows} more than keys: a reader meets them twice"
        if self.gone:
            return f"{self._subject} is gone, with the values of {self._rows}{self._gone_value}"
        if not self.key:
            return f"{self._subject}: values of at least {self._rows} are no longer what they were"
        change = f"was {_told(self.column, self.before)}, is {_told(self.column, self.after)}"
        more = f" (and {self.count - 1} more)" if self.count > 1 else ""
        return f"{self._subject} of {self._key} {change}{more}"

    @property
    def _gone_value(self) -> str:
        if not self.key:
            return ""
        return f", among them {_told(self.column, self.before)} of {self._key}"

    @property
    def _subject(self) -> str:
        return self.table if self.column is None else f"{self.table}.{self.column}"

    @property
    def _rows(self) -> str:
        return f"{self.count} row{'' if self.count == 1 else 's'}"

    @property
    def _key(self) -> str:
        return ", ".join(f"{name}={_told(name, value)}" for name, value in self.key)

    @property
    def _one(self) -> str:
        return f", among them {self._key}" if self.key else ""


def losses(before: Digest, after: Digest) -> tuple[Loss, ...]:
    """Everything that `before` holds and `after`, taken like it, does not.

    Of a table that could no longer be read nothing is said.
    """
    return tuple(
        loss for name, earlier in before.items() for loss in _of_table(earlier, before, after)
    )


def _of_table(earlier: TableDigest, before: Digest, after: Digest) -> Iterator[Loss]:
    later = after.get(earlier.table)
    if earlier.count == 0 or (later is not None and later.unreadable):
        return
    if later is None:
        new = (table for name, table in after.items() if name not in before)
        moved_to = next((t.table for t in new if _holds_all(t, earlier)), None)
        yield Loss("row-lost", earlier.table, None, earlier.count, moved_to=moved_to)
    else:
        yield from _compared(earlier, later)


def _compared(earlier: TableDigest, later: TableDigest) -> Iterator[Loss]:
    if earlier.rows is not None and later.rows is not None:
        return _of_rows(earlier, later, earlier.rows, later.rows)
    return _of_hashes(earlier, later)


def _holds_all(later: TableDigest, earlier: TableDigest) -> bool:
    """Whether a table under another name has the same columns with the same values."""
    if (
        later.unreadable
        or not set(earlier.columns) <= set(later.columns)
        or earlier.key != later.key
        or (earlier.hashed is None) != (later.hashed is None)
    ):
        return False
    return later.count >= earlier.count and not list(_compared(earlier, later))


def _of_rows(
    earlier: TableDigest,
    later: TableDigest,
    rows: Mapping[Key, Values],
    later_rows: Mapping[Key, Values],
) -> Iterator[Loss]:
    if not earlier.key or earlier.key != later.key:
        yield from _without_key(earlier, later)
        return
    gone = sorted(rows.keys() - later_rows.keys(), key=str)
    if gone:
        yield Loss("row-lost", earlier.table, None, len(gone), _named(earlier.key, gone[0]))
    doubled = later.count - len(later_rows)
    if doubled > earlier.count - len(rows):
        yield Loss("row-doubled", earlier.table, None, doubled)
    kept = [key for key in rows if key in later_rows]
    for place, column in enumerate(earlier.columns):
        values = {key: rows[key][place] for key in kept}
        if column not in later.columns:
            yield from _column_gone(earlier, later, column, values, later_rows)
            continue
        there = later.columns.index(column)
        yield from _changes(earlier, column, values, {k: later_rows[k][there] for k in kept})


def _changes(
    table: TableDigest,
    column: str,
    values: Mapping[Key, str | None],
    later: Mapping[Key, str | None],
) -> Iterator[Loss]:
    kinds: dict[LossKind, list[Key]] = {}
    for key, value in values.items():
        if later[key] != value:
            kinds.setdefault(_kind(value, later[key]), []).append(key)
    for kind, keys in kinds.items():
        key = min(keys, key=str)
        yield Loss(
            kind,
            table.table,
            column,
            len(keys),
            _named(table.key, key),
            values[key],
            later[key],
        )


def _kind(before: str | None, after: str | None) -> LossKind:
    if before is None:
        return "null-filled"
    return "value-lost" if after is None else "value-changed"


def _column_gone(
    earlier: TableDigest,
    later: TableDigest,
    column: str,
    values: Mapping[Key, str | None],
    later_rows: Mapping[Key, Values],
) -> Iterator[Loss]:
    """A column whose values were all NULL takes nothing with it."""
    present = [key for key, value in values.items() if value is not None]
    if not present:
        return
    moved_to = None
    for place, name in enumerate(later.columns):
        if name not in earlier.columns and all(
            later_rows[key][place] == value for key, value in values.items()
        ):
            moved_to = f"{later.table}.{name}"
    key = min(present, key=str)
    yield Loss(
        "value-lost",
        earlier.table,
        column,
        len(present),
        _named(earlier.key, key),
        values[key],
        gone=True,
        moved_to=moved_to,
    )


def _without_key(earlier: TableDigest, later: TableDigest) -> Iterator[Loss]:
    """Rows as multisets of the columns that are still there; a changed row is one that is gone."""
    assert earlier.rows is not None
    assert later.rows is not None
    common = [name for name in earlier.columns if name in later.columns]
    remaining = _projected(later.rows.values(), later.columns, common)
    gone = 0
    for row, count in _projected(earlier.rows.values(), earlier.columns, common).items():
        gone += max(0, count - remaining.get(row, 0))
    if gone:
        yield Loss("row-lost", earlier.table, None, gone)
    for place, column in enumerate(earlier.columns):
        if column not in later.columns:
            present = sum(row[place] is not None for row in earlier.rows.values())
            if present:
                yield Loss("value-lost", earlier.table, column, present, gone=True)


def _projected(
    rows: Iterable[Values], columns: tuple[str, ...], wanted: list[str]
) -> dict[Values, int]:
    places = [columns.index(name) for name in wanted]
    counts: dict[Values, int] = {}
    for row in rows:
        part = tuple(row[place] for place in places)
        counts[part] = counts.get(part, 0) + 1
    return counts


def _of_hashes(earlier: TableDigest, later: TableDigest) -> Iterator[Loss]:
    """Columns are compared in the parts whose rows are the same, unless there is no such part."""
    assert earlier.hashed is not None
    assert later.hashed is not None
    same = _same_parts(earlier, later)
    fewer = earlier.count - later.count
    if len(same) < len(_parts(earlier)) and (fewer > 0 or not _grew(earlier, later)):
        yield Loss("row-lost", earlier.table, None, max(fewer, 1))
    for column, hashed in earlier.hashed.items():
        there = later.hashed.get(column)
        if there is None:
            if hashed.present:
                moved_to = _moved_to(earlier, later, hashed)
                count = hashed.present
                yield Loss("value-lost", earlier.table, column, count, gone=True, moved_to=moved_to)
            continue
        changed = sum(hashed.sums[part] != there.sums[part] for part in same)
        if changed:
            lost = hashed.present - there.present > max(fewer, 0)
            kind: LossKind = "value-lost" if lost else "value-changed"
            yield Loss(kind, earlier.table, column, changed)


def _same_parts(earlier: TableDigest, later: TableDigest) -> list[int]:
    """The parts that hold the same rows; all of them where none does."""
    assert earlier.hashed_keys is not None
    assert later.hashed_keys is not None
    was, now = earlier.hashed_keys.sums, later.hashed_keys.sums
    parts = _parts(earlier)
    return [part for part in parts if was[part] == now[part]] or parts


def _parts(table: TableDigest) -> list[int]:
    """The parts that hold any row."""
    assert table.hashed_keys is not None
    return [part for part, keys in enumerate(table.hashed_keys.sums) if keys]


def _grew(earlier: TableDigest, later: TableDigest) -> bool:
    """Whether rows were added, so that other keys need not mean that any is gone."""
    return later.count > earlier.count


def _moved_to(earlier: TableDigest, later: TableDigest, hashed: HashedColumn) -> str | None:
    assert earlier.hashed is not None
    assert later.hashed is not None
    new = (n for n, h in later.hashed.items() if n not in earlier.hashed and h == hashed)
    return next((f"{later.table}.{name}" for name in new), None)


def _named(names: tuple[str, ...], key: Key) -> tuple[tuple[str, str | None], ...]:
    return tuple(zip(names, key, strict=True))


def _told(column: str | None, value: str | None) -> str:
    if value is None:
        return "NULL"
    if column is not None and is_secret(column):
        return HIDDEN
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}… ({len(value)} characters)"
