"""What became of each requirement, gathered from pytest's reports of the suite's items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import pytest

from pytest_chopsticks.requirements import Requirement

Status = Literal["passed", "not-claimed", "not-run", "known-failure", "failed", "error"]
Verdict = Literal["conformant", "partial", "nonconformant", "error"]

#: From best to worst: a requirement with several tests has the worst of their statuses.
STATUSES: tuple[Status, ...] = get_args(Status)

_PREFIX = "chopsticks."


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one requirement; `reproduce` is None when it never became a test."""

    requirement: Requirement
    status: Status
    duration_s: float = 0.0
    message: str | None = None
    reproduce: str | None = None


@dataclass(slots=True)
class Results:
    """Gathers results as reports come in, from this process or from workers."""

    _statuses: dict[str, list[tuple[Status, str | None, str]]] = field(default_factory=dict)
    _durations: dict[str, float] = field(default_factory=dict)

    @property
    def seen(self) -> bool:
        """Whether anything was heard of any requirement."""
        return bool(self._durations)

    def add(self, report: pytest.TestReport) -> None:
        """Take in one report; those of other tests are passed over."""
        facts = read_facts(report)
        if "id" not in facts:
            return
        id_ = facts["id"]
        self._durations[id_] = self._durations.get(id_, 0.0) + report.duration
        if report.when == "teardown":
            self._conclude(id_, facts, "", report.nodeid)
            if "other-id" in facts:
                self._conclude(facts["other-id"], facts, "other-", report.nodeid)

    def of(
        self, requirements: Iterable[Requirement], reproduction: Callable[[str], str]
    ) -> tuple[Result, ...]:
        """Return one result per requirement, `not-run` for those of which nothing was heard.

        `reproduction` makes a node id into the line that runs it again.
        """
        return tuple(self._result(requirement, reproduction) for requirement in requirements)

    def _conclude(self, id_: str, facts: Mapping[str, str], prefix: str, node_id: str) -> None:
        status: Status = facts.get(f"{prefix}status", "not-run")  # type: ignore[assignment]
        found = (status, facts.get(f"{prefix}message"), node_id)
        self._statuses.setdefault(id_, []).append(found)

    def _result(self, requirement: Requirement, reproduction: Callable[[str], str]) -> Result:
        seen = self._statuses.get(requirement.id)
        if not seen:
            return Result(requirement, "not-run")
        status, message, node_id = max(seen, key=lambda one: STATUSES.index(one[0]))
        duration = self._durations.get(requirement.id, 0.0)
        return Result(requirement, status, duration, message, reproduction(node_id))


def write_fact(item: pytest.Item, name: str, value: str) -> None:
    """Attach a fact to every later report of an item; it survives the way to the controller."""
    item.user_properties[:] = [pair for pair in item.user_properties if pair[0] != _PREFIX + name]
    item.user_properties.append((_PREFIX + name, value))


def read_facts(report: pytest.TestReport) -> dict[str, str]:
    """Return the facts attached to the item of a report."""
    return {
        name.removeprefix(_PREFIX): str(value)
        for name, value in report.user_properties
        if name.startswith(_PREFIX)
    }


def count(results: Iterable[Result]) -> dict[Status, int]:
    """Count results by status; every status is there."""
    counts = dict.fromkeys(STATUSES, 0)
    for result in results:
        counts[result.status] += 1
    return counts


def verdict_of(results: Iterable[Result], errors: tuple[str, ...] = ()) -> Verdict:
    """Judge the whole run.

    A MUST that failed, known or not, settles it; then trouble of the suite's own; then a MUST
    that did not run. A failed SHOULD is shown, and fails pytest, but does not settle it.
    """
    musts = [result for result in results if result.requirement.level == "MUST"]
    statuses = count(results := tuple(results))
    of_musts: Mapping[Status, int] = count(musts)
    if of_musts["failed"] or of_musts["known-failure"]:
        return "nonconformant"
    if errors or statuses["error"] or not statuses["passed"] + statuses["failed"]:
        return "error"
    if of_musts["not-claimed"] or of_musts["not-run"]:
        return "partial"
    return "conformant"
