"""The implementation's migrations, each judged once and asked about several times."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pytest_chopsticks.compatibility import (
    ApplicationSql,
    Family,
    Finding,
    JudgedStep,
    JudgeOptions,
    Verdict,
    judge_history,
)
from pytest_chopsticks.databases import DatabaseProvider, Template
from pytest_chopsticks.implementations import Target
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.violation import Violation

from .migration_history import directory_of

_EXPECTED: Mapping[Family, str] = {
    Family.BACKWARD_COMPATIBLE: "only changes that the Schema Evolution Policy allows",
    Family.OLD_WRITERS: "statements of the version before get what they got",
    Family.DATA_PRESERVED: "every value that was there is there",
    Family.DOWN_RESTORES: "up and then down give the earlier schema back",
    Family.LOCK_SAFE: "no rewrite, and no long scan under a lock that others wait for",
}
_NOTED = (Verdict.DECLARED, Verdict.NOTED, Verdict.NOT_ANALYSED)


class JudgedSteps:
    """Judges the history as far as it is asked for; what was judged is not judged again."""

    def __init__(
        self, databases: DatabaseProvider, target: Target, beginning: Template, schema: str
    ) -> None:
        sent = ApplicationSql(target.root, target.statements) if target.statements else None
        options = JudgeOptions(schema=schema, application=sent)
        files = list_migrations(directory_of(target))
        self._rest = judge_history(files, databases, options, beginning=beginning)
        self._steps: dict[str, JudgedStep] = {}

    def __getitem__(self, file: MigrationFile) -> JudgedStep:
        while file.name not in self._steps:
            step = next(self._rest)
            self._steps[step.file.name] = step
        return self._steps[file.name]

    def close(self) -> None:
        self._rest.close()


def expect_no_breaks(step: JudgedStep, family: Family, note: Callable[[str], None]) -> None:
    """Raise a violation with every break of a family; note what is declared or worth knowing."""
    found = step.of(Verdict.BREAKS, family)
    noted = [finding for verdict in _NOTED for finding in step.of(verdict, family)]
    if found:
        raise Violation(expected=_EXPECTED[family], actual=_told(found))
    if noted:
        note(_told(noted))


def _told(findings: tuple[Finding, ...] | list[Finding]) -> str:
    return "".join(f"\n  {finding}" for finding in findings)
