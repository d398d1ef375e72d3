"""What of the document's schema an implementation must not change, or take away.

What is on neither of the policy's lists (checks, foreign keys, triggers, rules, row security,
privileges) is judged by what the statements of version 1.0.0 get, not here.
"""

from __future__ import annotations

from pytest_chopsticks.catalog import Snapshot, changes
from pytest_chopsticks.catalog.changes import Change
from pytest_chopsticks.compatibility.policy import Ruling, ruling

_TAKEN_AWAY: tuple[type[Change], ...] = (
    changes.TableRemoved,
    changes.ColumnRemoved,
    changes.PrimaryKeyRemoved,
)
_BY_STATEMENTS: tuple[type[Change], ...] = (
    changes.CheckAdded,
    changes.CheckChanged,
    changes.ExclusionAdded,
    changes.ExclusionChanged,
    changes.ForeignKeyAdded,
)


def prohibited(change: Change, before: Snapshot, after: Snapshot) -> bool:
    """Whether a change is prohibited, or at least not on the list of allowed changes."""
    if isinstance(change, _BY_STATEMENTS):
        return False
    return ruling(change, before, after) in (Ruling.PROHIBITED, Ruling.DECLARABLE)


def missing(change: Change, before: Snapshot, after: Snapshot) -> bool:
    """Whether a change from the document's schema takes something of it away.

    Checks are left to what they refuse, since the same meaning can be written in many ways.
    """
    match change:
        case changes.UniqueRemoved() | changes.IndexRemoved():
            return prohibited(change, before, after)
        case _:
            return isinstance(change, _TAKEN_AWAY)
