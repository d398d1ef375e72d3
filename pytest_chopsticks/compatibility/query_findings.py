"""What reading the application's queries against both schemas tells besides running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog import Snapshot
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.old_clients import NotRun, OldStatement
from pytest_chopsticks.compatibility.reading import broken_queries

if TYPE_CHECKING:
    from pytest_chopsticks.compatibility.trial_places import TrialPlaces


def not_run_findings(not_run: Sequence[NotRun]) -> Iterator[Finding]:
    """What of the application's SQL nobody could look at."""
    for one in not_run:
        yield Finding(
            family=Family.OLD_WRITERS,
            rule="not-analysed",
            subject="",
            message=f"the application's statement is not replayed: {one.reason}",
            evidence=Evidence.CLAIMED,
            verdict=Verdict.NOT_ANALYSED,
            place=Place(one.file, one.line),
        )


def query_findings(
    sent: Sequence[OldStatement],
    broken: Sequence[OldStatement],
    before: Snapshot,
    after: Snapshot,
    places: TrialPlaces,
) -> Iterator[Finding]:
    """Queries of the application that no longer resolve, though running them showed no difference.

    `broken` are those that running them has shown to break: reading adds nothing to that.
    """
    unbroken = {one.text: one for one in sent if one not in broken and one.kind == "query"}
    report = broken_queries(unbroken, before, after)
    for found in report.broken:
        statement = unbroken[found.query]
        yield Finding(
            family=Family.OLD_WRITERS,
            rule="old-query-breaks",
            subject=statement.table,
            message=f"{statement}: {found.why}; running it showed no difference",
            evidence=Evidence.CLAIMED,
            verdict=Verdict.NOTED,
            place=places.of_table(statement.table),
        )
