"""The reference implementation with one thing changed: broken, or otherwise correct."""

from __future__ import annotations

import importlib
import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS, ROOT
from tests.mutants.matrix.row import Family, Row

_MIGRATION = "20990101_000000_changed_on_purpose.py"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Edit:
    """A text of one file of the reference that is replaced by another; it is there once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Variant:
    """The reference after some edits, its schema after some further statements.

    `about` says what is different; `may_fail` are recommendations that it does not follow;
    only `areas` are concerned, or all.
    """

    name: str
    about: str
    edits: Sequence[Edit] = ()
    statements: Sequence[str] = ()
    areas: tuple[str, ...] = ()
    may_fail: tuple[str, ...] = ()

    def write(self, directory: Path) -> str:
        """Make a package of it in `directory`; return what `python` in chopsticks.toml names."""
        package = f"judged_reference_{next(_numbers)}"
        shutil.copytree(ROOT / "reference_impl", directory / package)
        shutil.copytree(CANONICAL_MIGRATIONS, directory / "migrations", dirs_exist_ok=True)
        for edit in self.edits:
            _apply(edit, directory / package / edit.file)
        if self.statements:
            _write_migration(self.statements, directory / "migrations" / _MIGRATION)
        return f"{package}:Implementation"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken variant: `requirement` has to fail, with a message that has every text of `says`.

    `test` is the test of the suite that shows it, where it is not the requirement's own. With
    `own_server` it only shows on a server whose files can be read.
    """

    variant: Variant
    requirement: str
    says: tuple[str, ...]
    test: str | None = None
    own_server: bool = False

    @property
    def needs_own_server(self) -> bool:
        return self.own_server or self.requirement.startswith("recovery.")

    @property
    def node(self) -> str:
        """The test of the suite that shows it."""
        return self.test or _test_of(self.requirement)

    @property
    def row(self) -> Row:
        area = self.requirement.partition(".")[0]
        family: Family = "migrations" if area == "migrations" else "behaviour"
        broken = f"{area}: {self.variant.about}"
        return Row(family, self.variant.name, broken, frozenset({self.requirement}))


def mutant(
    requirement: str,
    about: str,
    *edits: tuple[str, str, str],
    says: str | tuple[str, ...],
    statements: Sequence[str] = (),
    test: str | None = None,
    own_server: bool = False,
) -> Mutant:
    """A mutant, in as few words as its table needs; an edit is (file, old, new)."""
    name = f"{requirement}-{about}".replace(" ", "-")
    variant = Variant(name, about, [Edit(*edit) for edit in edits], statements)
    words = (says,) if isinstance(says, str) else says
    return Mutant(variant, requirement, words, test, own_server)


def correct(
    about: str,
    *edits: tuple[str, str, str],
    areas: tuple[str, ...] = (),
    may_fail: tuple[str, ...] = (),
) -> Variant:
    """A variant that is as good as the reference, but for the recommendations in `may_fail`."""
    name = about.replace(" ", "-")
    return Variant(name, about, [Edit(*edit) for edit in edits], (), areas, may_fail)


def _test_of(requirement: str) -> str:
    area = requirement.partition(".")[0]
    module = importlib.import_module(f"pytest_chopsticks.bundled.conformance.{area}")
    for name, value in vars(module).items():
        marks = getattr(value, "pytestmark", ())
        if isinstance(marks, list) and any(requirement in mark.args for mark in marks):
            return f"{area}::{name}"
    raise LookupError(requirement)


def _apply(edit: Edit, file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.count(edit.old) == 1, f"{edit.file} has {text.count(edit.old)} times: {edit.old}"
    file.write_text(text.replace(edit.old, edit.new), "utf-8")


def _write_migration(statements: Sequence[str], file: Path) -> None:
    calls = "".join(f"    client.execute({statement!r})\n" for statement in statements)
    text = f'description = "Changed on purpose"\n\n\ndef up(client):\n{calls}'
    file.write_text(text, "utf-8")
