"""Whatever an operation does to its database, the next requirement is undisturbed."""

from __future__ import annotations

import pytest

from tests.plugin.scratch import Scratch

_DRIVER = """
import psycopg
from pytest_chopsticks.bundled.reference_impl import Implementation as Reference
from pytest_chopsticks.bundled.reference_impl.audit import Audit as Sound


class Audit(Sound):
    def record(self, *arguments, **named):
        {deed}


class Implementation(Reference):
    def __init__(self, database, token_keys=()):
        super().__init__(database, token_keys)
        self.audit = Audit(self._connections)
        self.audit.dsn = database.dsn
"""
_GONE = (
    "with psycopg.connect(self.dsn) as other: "
    "other.execute('DROP SCHEMA public CASCADE; CREATE SCHEMA public')"
)
_ENDED = (
    "with self._connections.transaction() as mine: "
    "mine.execute('SELECT pg_terminate_backend(pg_backend_pid())')"
)


@pytest.mark.parametrize(
    ("deed", "status", "told"),
    [
        (_GONE, "error", "audit_log"),
        (_ENDED, "error", "audit.record"),
        ("return {'id': object()}", "failed", "audit_log"),
        ("raise KeyError('guild')", "error", "KeyError"),
    ],
    ids=["tables-gone", "session-ended", "nothing-done", "a-crash"],
)
def test_next_requirement_is_undisturbed(
    deed: str, status: str, told: str, scratch: Scratch
) -> None:
    scratch.write("acme_driver.py", _DRIVER.format(deed=deed))
    scratch.describe(python="acme_driver:Implementation")

    outcome = scratch.judge("chopsticks.toml::audit", "chopsticks.toml::pets")

    assert outcome.ran == {
        "audit.append": status,
        "pets.round-trip": "passed",
        "pets.rejection-names": "passed",
    }
    assert told in outcome.output
