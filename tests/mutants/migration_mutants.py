"""Broken migrations, each the last of an otherwise correct history.

What a migration may not do has labelled cases by the hundred, in tests/compatibility/labelled/; of
each rule there, one or more go all the way through the suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from conformance.canonical_ddl import create_statements
from conformance.canonical_schema import TABLES
from tests.compatibility.labelled_cases import LabelledCase, labelled_cases

from .matrix.row import Row

#: Later than the canonical migrations.
VERSION = "20260301_000000"

#: Of these rules, more: no other breaks their requirement.
_MORE = {"down-restores": 5}

#: The schema without what guards the records.
UNPROTECTED = tuple(create_statements(TABLES))
UNPROTECTED_RECORDS = Row(
    "migrations",
    "unprotected-records",
    "schema_migrations can be written to like any other table.",
    frozenset({"migrations.records-protected"}),
)


@dataclass(frozen=True, slots=True)
class MigrationMutant:
    """A file that is added to the canonical ones; each that catches it `says` so."""

    name: str
    broken: str
    file: str
    text: str
    caught_by: frozenset[str]
    says: str

    @property
    def row(self) -> Row:
        return Row("migrations", self.name, self.broken, self.caught_by)


def _named(file: str, broken: str, says: str) -> MigrationMutant:
    caught_by = frozenset({"migrations.name.<file>"})
    return MigrationMutant(f"file-{file}", broken, file, "SELECT 1;", caught_by, says)


def _without_up(file: str, text: str, broken: str, says: str) -> MigrationMutant:
    name = f"no-up-{broken}".replace(" ", "-")
    caught_by = frozenset({"migrations.has-up.<version>"})
    return MigrationMutant(name, broken, f"{VERSION}_{file}", text, caught_by, says)


def _labelled() -> Iterator[MigrationMutant]:
    for rule, cases in groupby(labelled_cases(), lambda case: case.rule):
        usable = (case for case in cases if _is_complete_in_itself(case))
        yield from (_of_case(case) for case in list(usable)[: _MORE.get(rule, 1)])


def _is_complete_in_itself(case: LabelledCase) -> bool:
    alone = case.suffix == ".sql" and not (case.before or case.rows or case.statements)
    return case.label == "bad" and bool(case.breaks) and alone


def _of_case(case: LabelledCase) -> MigrationMutant:
    caught_by = frozenset(f"migrations.{family.value}.<version>" for family in case.breaks)
    name = f"{case.rule}-{case.title}".replace(" ", "-")
    file = f"{VERSION}_labelled.py"
    text = _in_python(case.migration)
    return MigrationMutant(name, str(case), file, text, caught_by, case.mentions)


def _in_python(migration: str) -> str:
    """The SQL of a case as the migration that the reference's runner takes."""
    up, _, down = migration.replace("-- migrate:up", "").partition("-- migrate:down")
    parts = {"up": up, **({"down": down} if down else {})}
    return 'description = "Labelled"\n' + "".join(
        f"\n\ndef {name}(client):\n    client.execute({sql!r})\n" for name, sql in parts.items()
    )


MUTANTS = (
    _named("20261301_000000_month.sql", "The version has a 13th month.", "20261301_000000"),
    _named("20260301_250000_hour.sql", "The version has a 25th hour.", "20260301_250000"),
    _named("20260214_000000_again.sql", "A version is used twice.", "20260214_000000_again.sql"),
    _without_up("none.py", 'description = "Nothing"\n', "A module has no up.", "has none"),
    _without_up("text.py", 'up = "SELECT 1"\n', "What is called up cannot be called.", "up"),
    _without_up("cut.py", "def up(client", "A program is cut off.", "was never closed"),
    _without_up("down.sql", "-- migrate:down\nSELECT 1;\n", "A file only has the way back.", "up"),
    *_labelled(),
)
