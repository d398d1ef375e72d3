"""Claims that count up when they are made period after period.

A period is measured from the last claim, not by the calendar: a claim is refused for the first
24 hours (7 days), continues the streak for as long again, and starts over after that. By UTC days
two claims a second apart could both be good, and two of 24 hours and a second start over.
"""

from decimal import Decimal

from psycopg import sql

from .arguments import check_choice, check_text, check_time
from .clock import DAY_MS
from .database import Area, Connection
from .rejections import Rejection

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


class Streaks(Area):
    def claim(self, user_id: str, kind: str, at_ms: int) -> dict[str, float]:
        """Count a `daily` or `weekly` claim; answer streak, longest and multiplier.

        Rejections: already_claimed, clock_went_back.
        """
        check_text(user_id=user_id, kind=kind)
        check_choice("kind", kind, PERIOD_MS)
        check_time("at_ms", at_ms)
        with self._connections.transaction() as connection:
            last_ms, current, longest, other = _lock(connection, user_id, kind)
            current = _continued(kind, at_ms, last_ms, current) + 1
            longest = max(longest, current)
            multiplier = min(1 + MULTIPLIER_STEP * (current + other), MAX_MULTIPLIER)
            row = [at_ms, current, longest, multiplier, user_id]
            connection.execute(_UPDATE.format(**_columns(kind)), row)
        return {"streak": current, "longest": longest, "multiplier": float(multiplier)}


def _lock(connection: Connection, user_id: str, kind: str) -> tuple[int | None, int, int, int]:
    """Last claim, streak and longest of this kind, and the streak of the other; made if missing."""
    connection.execute(_INSERT, [user_id])
    row = connection.execute(_SELECT.format(**_columns(kind)), [user_id]).fetchone()
    return row or (None, 0, 0, 0)


def _continued(kind: str, at_ms: int, last_ms: int | None, current: int) -> int:
    """How many claims this one comes after without a gap."""
    if last_ms is None:
        return 0
    period = PERIOD_MS[kind]
    if at_ms < last_ms:
        raise Rejection("clock_went_back", f"{at_ms} is before the last {kind} claim, at {last_ms}")
    if at_ms < last_ms + period:
        raise Rejection("already_claimed", f"the next {kind} claim is due at {last_ms + period}")
    return current if at_ms < last_ms + 2 * period else 0


def _columns(kind: str) -> dict[str, sql.Identifier]:
    other = "weekly" if kind == "daily" else "daily"
    return {
        "last": sql.Identifier(f"last_{kind}"),
        "streak": sql.Identifier(f"{kind}_streak"),
        "longest": sql.Identifier(f"longest_{kind}"),
        "other": sql.Identifier(f"{other}_streak"),
    }
