"""Changes of privileges on tables, columns, sequences and the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes.base import Change

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Privilege


@dataclass(frozen=True, slots=True)
class PrivilegeChange(Change):
    """`kind` is "table", "sequence" or "schema"; `name` is empty for the schema itself."""

    kind: str
    name: str
    privilege: Privilege

    @property
    def place(self) -> str:
        return f"{self.kind} {self.name}" if self.name else f"the {self.kind}"


@dataclass(frozen=True, slots=True)
class PrivilegeGranted(PrivilegeChange):
    def __str__(self) -> str:
        return f"{self.privilege} on {self.place} was granted to {self.privilege.role}"


@dataclass(frozen=True, slots=True)
class PrivilegeRevoked(PrivilegeChange):
    def __str__(self) -> str:
        return f"{self.privilege} on {self.place} was revoked from {self.privilege.role}"
