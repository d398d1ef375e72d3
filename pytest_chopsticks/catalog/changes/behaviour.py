"""Changes of what happens to a statement on its way: triggers, rules, row security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes.base import TableChange, aspects

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Policy, Rule, Trigger


@dataclass(frozen=True, slots=True)
class TriggerAdded(TableChange):
    trigger: Trigger

    def __str__(self) -> str:
        return f"trigger {self.trigger.name} on {self.table} is new: {self.trigger.definition}"


@dataclass(frozen=True, slots=True)
class TriggerRemoved(TableChange):
    trigger: Trigger

    def __str__(self) -> str:
        return f"trigger {self.trigger.name} on {self.table} is gone"


@dataclass(frozen=True, slots=True)
class TriggerChanged(TableChange):
    """Its definition, or the function that it calls."""

    before: Trigger
    after: Trigger

    def __str__(self) -> str:
        place = f"trigger {self.after.name} on {self.table}"
        if self.before.definition == self.after.definition:
            difference = aspects(self.before.function, self.after.function)
            return f"{place} changed its function {self.after.function.name}: {difference}"
        return f"{place} changed from {self.before.definition} to {self.after.definition}"


@dataclass(frozen=True, slots=True)
class TriggerStateChanged(TableChange):
    """When it fires: "origin" (the usual), "always", "replica" or "disabled"."""

    trigger: str
    before: str
    after: str

    def __str__(self) -> str:
        place = f"trigger {self.trigger} on {self.table}"
        return f"{place} changed its state from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class RuleAdded(TableChange):
    rule: Rule

    def __str__(self) -> str:
        return f"rule {self.rule.name} on {self.table} is new: {self.rule.definition}"


@dataclass(frozen=True, slots=True)
class RuleRemoved(TableChange):
    rule: Rule

    def __str__(self) -> str:
        return f"rule {self.rule.name} on {self.table} is gone"


@dataclass(frozen=True, slots=True)
class RuleChanged(TableChange):
    """Its definition, or whether it is enabled."""

    before: Rule
    after: Rule

    def __str__(self) -> str:
        difference = aspects(self.before, self.after)
        return f"rule {self.after.name} on {self.table} changed {difference}"


@dataclass(frozen=True, slots=True)
class RowSecurityChanged(TableChange):
    """Off or on; "forced" where it then binds the owner too."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"row security of {self.table} changed from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class PolicyAdded(TableChange):
    policy: Policy

    def __str__(self) -> str:
        return f"policy {self.policy.name} on {self.table} is new"


@dataclass(frozen=True, slots=True)
class PolicyRemoved(TableChange):
    policy: Policy

    def __str__(self) -> str:
        return f"policy {self.policy.name} on {self.table} is gone"


@dataclass(frozen=True, slots=True)
class PolicyChanged(TableChange):
    before: Policy
    after: Policy

    def __str__(self) -> str:
        difference = aspects(self.before, self.after)
        return f"policy {self.after.name} on {self.table} changed {difference}"
