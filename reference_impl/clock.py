"""Times: milliseconds since 1970, as in every BIGINT column, and what they are in UTC."""

import time
from datetime import UTC, datetime, timedelta

SECOND_MS = 1000
DAY_MS = 24 * 60 * 60 * SECOND_MS
#: The last that a datetime can hold: the end of the year 9999.
LAST_MS = 253_402_300_799_999

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def utc(at_ms: int) -> datetime:
    """Exact, which dividing by 1000 is not."""
    return _EPOCH + timedelta(milliseconds=at_ms)
