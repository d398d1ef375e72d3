"""Claims that count up when they are made period after period.

A period is measured from the last claim, not by the calendar: a claim is refused for the first
24 hours (7 days), continues the streak for as long again, and starts over after that. By UTC days
two claims a second apart could both be good, and two of 24 hours and a second start over.
"""

from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

from .arguments import check_choice, check_text, check_time
from .clock import DAY_MS
from .database import Connection, Connections
from .rejections import AlreadyClaimed, ClockWentBack

PERIOD_MS = {"daily": DAY_MS, "weekly": 7 * DAY_MS}
#: The multiplier rises by this for each day and each week of the current streaks, from 1 to 5.
MULTIPLIER_STEP = Decimal("0.05")
MAX_MULTIPLIER = Decimal("5.00")

_INSERT = "INSERT INTO user_streaks (user_id) VALUES (%s) ON CONFLICT (user_id) DO NOTHING"
_SELECT = sql.SQL(
    "SELECT {last}, {streak}, {longest}, {other} FROM user_streaks WHERE user_id = %s FOR UPDATE"
)
_UPDATE = sql.SQL(
    "UPDATE user_streaks SET {last} = %s, {streak} = %s, {longest} = %s, streak_multiplier = %s"
    " WHERE user_id = %s"
)


@dataclass(frozen=True, slots=True)
class Streak:
    """One kind of a user's streaks: the time of the last claim, if any, and the counts."""

    last_ms: int | None
    current: int
    longest: int

    def claimed(self, kind: str, at_ms: int) -> "Streak":
        """The streak after a claim; raises already_claimed or clock_went_back."""
        current = self._current_after(kind, at_ms) + 1
        return Streak(at_ms, current, max(self.longest, current))

    def _current_after(self, kind: str, at_ms: int) -> int:
        if self.last_ms is None:
            return 0
        period = PERIOD_MS[kind]
        if at_ms < self.last_ms:
            raise ClockWentBack(kind, at_ms, self.last_ms)
        if at_ms < self.last_ms + period:
            raise AlreadyClaimed(kind, self.last_ms + period)
        return self.current if at_ms < self.last_ms + 2 * period else 0


class Streaks:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def claim(self, user_id: str, kind: str, at_ms: int) -> dict[str, float]:
        """Count a `daily` or `weekly` claim; answer streak, longest and multiplier.

        Rejections: already_claimed, clock_went_back.
        """
        check_text(user_id=user_id, kind=kind)
        check_choice("kind", kind, PERIOD_MS)
        check_time(at_ms=at_ms)
        with self._connections.transaction() as connection:
            before, other = _lock(connection, user_id, kind)
            after = before.claimed(kind, at_ms)
            multiplier = min(1 + MULTIPLIER_STEP * (after.current + other), MAX_MULTIPLIER)
            row = [after.last_ms, after.current, after.longest, multiplier, user_id]
            connection.execute(_UPDATE.format(**_columns(kind)), row)
        return {
            "streak": after.current,
            "longest": after.longest,
            "multiplier": float(multiplier),
        }


def _lock(connection: Connection, user_id: str, kind: str) -> tuple[Streak, int]:
    """The streak of this kind, made if it is the user's first, and the count of the other kind."""
    connection.execute(_INSERT, [user_id])
    row = connection.execute(_SELECT.format(**_columns(kind)), [user_id]).fetchone()
    last_ms, current, longest, other = row or (None, 0, 0, 0)
    return Streak(last_ms, current, longest), other


def _columns(kind: str) -> dict[str, sql.Identifier]:
    other = "weekly" if kind == "daily" else "daily"
    return {
        "last": sql.Identifier(f"last_{kind}"),
        "streak": sql.Identifier(f"{kind}_streak"),
        "longest": sql.Identifier(f"longest_{kind}"),
        "other": sql.Identifier(f"{other}_streak"),
    }
