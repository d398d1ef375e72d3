"""The reference implementation with one lie: nulls in details never reach the audit log."""

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

        def record_without_nulls(details: Mapping[str, Any] | None = None, **entry: Any) -> None:
            kept = {key: value for key, value in (details or {}).items() if value is not None}
            record(details=None if details is None else kept, **entry)

        self.audit.record = record_without_nulls
