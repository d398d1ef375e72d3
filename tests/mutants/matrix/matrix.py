"""The kill matrix: mutants against requirements, and what speaks against trusting the suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .row import Row


@dataclass(frozen=True, slots=True)
class Matrix:
    """`failed` has what failed on a mutant, by its name: messages, by the requirement's id."""

    rows: Sequence[Row]
    requirements: Sequence[str]
    failed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def killed(self) -> dict[str, dict[str, str]]:
        """Of each mutant that counts as caught, what noticed it that was meant to."""
        caught = ((row.name, row.catches_among(self.failed.get(row.name, {}))) for row in self.rows)
        return {name: catches for name, catches in caught if catches}

    @property
    def seen_to_fail(self) -> set[str]:
        """The requirements that noticed a mutant which is meant for them."""
        return {id_ for catches in self.killed.values() for id_ in catches}

    def meant_for(self, requirement: str) -> list[Row]:
        return [row for row in self.rows if requirement in row.caught_by]

    def flaws_of_the_data(self) -> Iterator[str]:
        """What is wrong before anything has run."""
        names = [row.name for row in self.rows]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"two mutants are named {name}"
        for row in self.rows:
            for id_ in sorted(row.caught_by.difference(self.requirements)):
                yield f"{row.name} is meant for {id_}, which is no requirement"
        for id_ in self.requirements:
            if not self.meant_for(id_):
                yield f"no mutant is meant for {id_}"

    def flaws_of_what_ran(self) -> Iterator[str]:
        """Mutants that nothing meant for them has caught."""
        rows = {row.name: row for row in self.rows}
        for name, failed in self.failed.items():
            if name not in rows:
                yield f"{name} was judged, and is not among the mutants of the matrix"
            elif complaint := rows[name].complaint(failed):
                yield complaint

    def gaps(self) -> Iterator[str]:
        """What a run of everything has left open."""
        for row in self.rows:
            if row.name not in self.failed:
                yield f"was not judged: {row.broken} ({row.family} mutant {row.name})"
        for id_ in self.requirements:
            if id_ not in self.seen_to_fail:
                yield f"has not been seen to fail on a mutant that is meant for it: {id_}"
