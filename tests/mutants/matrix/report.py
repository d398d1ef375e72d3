"""The kill matrix of one run as a file: JSON, or Markdown for a path that ends so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .matrix import Matrix
from .row import FAMILIES


def write_report(matrix: Matrix, path: Path) -> None:
    """Write the table of a run, making the directory if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(_markdown(matrix)) if path.suffix == ".md" else _json(matrix)
    path.write_text(f"{text}\n", "utf-8")


def totals(matrix: Matrix) -> str:
    """One line: how many were judged and caught, how many requirements have been seen to fail."""
    killed, seen = len(matrix.killed), len(matrix.seen_to_fail)
    return (
        f"{killed} of {len(matrix.failed)} mutants judged were caught, of {len(matrix.rows)} there"
        f" are; {seen} of {len(matrix.requirements)} requirements were seen to fail"
    )


def _json(matrix: Matrix) -> str:
    killed = matrix.killed
    mutants = [
        {
            "family": row.family,
            "name": row.name,
            "broken": row.broken,
            "meant_for": sorted(row.caught_by),
            "judged": row.name in matrix.failed,
            "caught_by": killed.get(row.name, {}),
            "also_failed": sorted(matrix.failed.get(row.name, {}).keys() - row.caught_by),
        }
        for row in matrix.rows
    ]
    requirements = {
        id_: [name for name, catches in killed.items() if id_ in catches]
        for id_ in matrix.requirements
    }
    document = {"totals": totals(matrix), "requirements": requirements, "mutants": mutants}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _markdown(matrix: Matrix) -> Iterator[str]:
    yield from ("# Kill matrix of one run", "", f"{totals(matrix)}.")
    killed = matrix.killed
    for family in FAMILIES:
        yield from ("", f"## {family}", "", "| mutant | caught by | said |", "|---|---|---|")
        for row in matrix.rows:
            if row.family != family or row.name not in matrix.failed:
                continue
            catches = killed.get(row.name, {})
            said = next(iter(catches.values()), "**not caught**")
            ids = ", ".join(f"`{id_}`" for id_ in catches)
            yield f"| {_cell(row.broken)} | {ids} | {_cell(said)} |"


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", r"\|").replace("<", r"\<")
    return line if len(line) <= 200 else f"{line[:199]}…"
