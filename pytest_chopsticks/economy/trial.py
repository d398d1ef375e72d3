"""Carries out operations for a few fresh users and judges every step from the tables."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from pytest_chopsticks.economy.calls import Answer, Call, Faulted, answer
from pytest_chopsticks.economy.findings import INVARIANTS, Finding, InvariantBroken
from pytest_chopsticks.economy.invariants_of_users import invariants_broken_in
from pytest_chopsticks.economy.judgement import Step, judge_step
from pytest_chopsticks.economy.observation import Connection, Observation, Observer
from pytest_chopsticks.economy.story import tell

NAMES = ("alice", "bob", "carol")

#: Users of trials have 18 digits and begin like this, so that they are found again.
_PREFIX = "17592884"


class Newcomers:
    """Snowflakes of users that the database has never seen."""

    def __init__(self, connection: Connection) -> None:
        self._next = _first_unseen(connection)

    def take(self, count: int) -> list[str]:
        first, self._next = self._next, self._next + count
        return [f"{_PREFIX}{number:010d}" for number in range(first, self._next)]


@dataclass(slots=True)
class Trial:
    """A story as it happens: `perform` adds a step, and raises when it breaks a judged invariant.

    Its users are new to the database, so nothing needs to be cleared away between trials.
    """

    call: Call
    connection: Connection
    users: Sequence[str]
    observer: Observer
    judged: Container[str] = INVARIANTS
    reproduce: str | None = None
    steps: list[Step] = field(default_factory=list)
    _now: Observation | None = None

    @property
    def now(self) -> Observation:
        """What the tables say after the last step."""
        if self._now is None:
            self._now = self.observer.observe(self.users)
        return self._now

    @property
    def story(self) -> tuple[str, ...]:
        return tell(self.steps, dict(zip(self.users, NAMES, strict=False)))

    def perform(self, operation: str, **arguments: object) -> Answer:
        """Carry out one operation and judge it.

        Raises InvariantBroken with the story so far; what the operation itself raised when it
        broke where it had to be accepted.
        """
        before = self.now
        answered = answer(self.call, operation, arguments)
        self._now = self.observer.observe(self.users, before)
        step = Step(operation, arguments, before, answered, self._now)
        self.steps.append(step)
        for finding in self._findings(step):
            if finding.invariant in self.judged:
                raise InvariantBroken(self._named(finding), self.story, self.reproduce)
        if isinstance(answered, Faulted) and step.expectation.must == "accept":
            answered.error.add_note("\n".join(("Story:", *self.story)))
            raise answered.error
        return answered

    def _findings(self, step: Step) -> Iterator[Finding]:
        yield from judge_step(step)
        if step.before != step.after:
            yield from invariants_broken_in(step.after, self.users)

    def _named(self, finding: Finding) -> Finding:
        """The finding with the users' names instead of their ids."""
        names = dict(zip(self.users, NAMES, strict=False))
        ids = re.compile("|".join(map(re.escape, names)))
        expected, actual = (
            ids.sub(lambda found: names[found[0]], text)
            for text in (finding.expected, finding.actual)
        )
        return Finding(finding.invariant, expected, actual)


def _first_unseen(connection: Connection) -> int:
    query = sql.SQL(
        "SELECT max(user_id) FROM (SELECT user_id FROM user_wallets"
        " UNION ALL SELECT to_user FROM transaction_log"
        " UNION ALL SELECT from_user FROM transaction_log) known (user_id)"
        " WHERE user_id ~ {}"
    ).format(sql.Literal(f"^{_PREFIX}[0-9]{{10}}$"))
    row = connection.execute(query).fetchone()
    return int(row[0].removeprefix(_PREFIX)) + 1 if row and row[0] else 1
