"""What the run of a migration itself comes to: how it ran, what it printed, who else was there."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.trial import Trial

_SHOWN = 200


def trial_findings(trial: Trial, place: Place) -> Iterator[Finding]:
    """Notes, but for a migration that ends a transaction which is not its own."""
    if not trial.in_transaction:
        yield _note(
            "no-transaction",
            f"it was run outside a transaction, since {trial.why_no_transaction}; if it fails half"
            " way, what it has done stays",
            place,
            Verdict.NOTED if trial.asked_for_no_transaction else Verdict.BREAKS,
        )
    if trial.output.strip():
        yield _note("prints", f"it prints: {_short(trial.output)}", place)
    if trial.strangers:
        yield _note(
            "own-connection",
            f"it opened {trial.strangers} connections of its own, whose statements nobody watched",
            place,
            Verdict.NOT_ANALYSED,
        )
    if not trial.at.ddl_events:
        yield _note(
            "no-event-triggers",
            "DDL inside functions was not seen one by one: event triggers take a superuser",
            place,
            Verdict.NOT_ANALYSED,
        )


def _short(output: str) -> str:
    text = " ".join(output.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _note(rule: str, message: str, place: Place, verdict: Verdict = Verdict.NOTED) -> Finding:
    return Finding(
        family=Family.BACKWARD_COMPATIBLE,
        rule=rule,
        subject="",
        message=message,
        evidence=Evidence.OBSERVED,
        verdict=verdict,
        place=place,
    )
