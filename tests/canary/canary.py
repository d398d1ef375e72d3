"""The reference implementation with one lie: details never reach the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_chopsticks.bundled.reference_impl import Implementation as Reference

from pytest_chopsticks.databases import Database


class Implementation(Reference):  # type: ignore[misc]
    name = "canary"

    def __init__(self, database: Database, token_keys: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(database, token_keys)
        record = self.audit.record

        def record_without_details(**entry: Any) -> None:
            record(**{**entry, "details": None})

        self.audit.record = record_without_details
