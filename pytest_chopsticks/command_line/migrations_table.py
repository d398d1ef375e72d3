"""What `chopsticks migrations check` prints: a row per migration, then every finding."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_chopsticks.compatibility import Family, JudgedStep, Verdict

_COLUMNS = "{:<52} {:<9} {:>7} {:>7} {:>8}  {}"


def print_header() -> None:
    print(_COLUMNS.format("migration", "verdict", "breaks", "notes", "ms", "locks, rewrites"))


def print_step(step: JudgedStep) -> None:
    """One row; the strongest lock on each earlier table, and how long it was held."""
    notes = len(step.of(Verdict.NOTED)) + len(step.of(Verdict.NOT_ANALYSED))
    row = _COLUMNS.format(
        step.file.name,
        _word(step),
        len(step.breaks) or "",
        notes or "",
        f"{step.duration_s * 1000:.0f}",
        _locks(step),
    )
    print(row.rstrip(), flush=True)


def print_findings(steps: Sequence[JudgedStep], *, verbose: bool) -> None:
    """Every break and every declaration, each with file and line; all the rest if `verbose`."""
    shown = [Verdict.BREAKS, Verdict.DECLARED, Verdict.NOT_ANALYSED]
    if verbose:
        shown.append(Verdict.NOTED)
    for verdict in shown:
        findings = [finding for step in steps for finding in step.of(verdict)]
        if findings:
            print(f"\n{verdict.value}:")
        for finding in findings:
            print(f"  {finding}")
    broken = sum(bool(step.breaks) for step in steps)
    print(f"\nmigrations that break nothing: {len(steps) - broken} of {len(steps)}")


def _word(step: JudgedStep) -> str:
    if not step.applied:
        return "FAILS"
    if any(finding.family is not Family.LOCK_SAFE for finding in step.breaks):
        return "BREAKS"
    if step.breaks:
        return "blocks"
    return "declared" if step.of(Verdict.DECLARED) else "ok"


def _locks(step: JudgedStep) -> str:
    parts = [
        f"{mode} {table} {step.held_ms.get(table, 0):.0f} ms" for table, mode in step.locks.items()
    ]
    parts += [
        f"rewrites {finding.subject}" for finding in step.findings if finding.rule == "rewrite"
    ]
    return ", ".join(parts)
