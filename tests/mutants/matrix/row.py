"""What the kill matrix says of one mutant, whatever family it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from .requirement_ids import spelled_in_the_suite

Family = Literal["schema", "migrations", "behaviour"]
FAMILIES: tuple[Family, ...] = get_args(Family)


@dataclass(frozen=True, slots=True)
class Row:
    """A mutant: `broken` says what is, `caught_by` are the requirements meant to notice it.

    What a requirement is about stays open where every implementation has others: a broken file is
    caught by `migrations.name.<file>`.
    """

    family: Family
    name: str
    broken: str
    caught_by: frozenset[str]

    def catches_among(self, failed: Mapping[str, str]) -> dict[str, str]:
        """Of the requirements that failed those meant for the mutant, with their messages."""
        found = {spelled_in_the_suite(id_): message for id_, message in failed.items()}
        return {id_: found[id_] for id_ in sorted(self.caught_by & found.keys())}

    def complaint(self, failed: Mapping[str, str]) -> str | None:
        """Why the mutant does not count as caught; None if it does."""
        if self.catches_among(failed):
            return None
        told = f"{self.broken} ({self.family} mutant {self.name})"
        meant = f"meant to notice it: {', '.join(sorted(self.caught_by))}"
        if not failed:
            return f"survived: {told}; {meant}"
        return f"caught only by {', '.join(sorted(failed))}: {told}; {meant}"
