"""Requirements are data: read from TOML, expanded over subjects, named by the tests.

A family such as `schema.column.<table>.<column>` expands to one `Requirement` per `Subject`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, cast, get_args

import pytest

from pytest_chopsticks.errors import ConfigurationError

Level = Literal["MUST", "SHOULD"]

#: Needs that are not operations of the contract, with what an implementation does to meet them.
CAPABILITIES: Mapping[str, str] = {
    "migration files": 'name the directory of migration files: migrations = "migrations"',
    "edited migrations": "let the suite choose the directory to apply: {migrations} in `migrate` or"
    " `env`, or a `migrations` argument of the migrate operation",
    "own server": "run on a server whose processes and files are the suite's own:"
    " --chopsticks-server=embedded or local",
    "argument clock": 'use the times that operations are given, and say so: clock = "argument"',
}

#: How the reason of a skip begins that makes a requirement `not-claimed`.
NOT_CLAIMED = "not claimed: "

_PLACEHOLDER = re.compile(r"<([a-z]+)>")
_REQUIRED = {"id", "level", "text", "section", "needs", "since"}
_Test = TypeVar("_Test", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing an implementation has to do, and where the document says so."""

    id: str
    level: Level
    text: str
    section: str
    needs: tuple[str, ...]
    since: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What one requirement of a family is about: words for its text, a value for its test."""

    key: str
    words: Mapping[str, str]
    value: object


@dataclass(frozen=True, slots=True)
class Family:
    """Requirements that differ only in their subject; without `each` there is one, with none."""

    id: str
    each: str | None
    level: Level
    text: str
    section: str
    needs: tuple[str, ...]
    since: str

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]

    def requirement(self, words: Mapping[str, str]) -> Requirement:
        """Fill in the words of a subject; without them the placeholders stay."""

        def fill(text: str) -> str:
            return _PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), text)

        return Requirement(
            fill(self.id), self.level, fill(self.text), fill(self.section), self.needs, self.since
        )


def checks(family_id: str) -> Callable[[_Test], _Test]:
    """Name the family that a test of the suite checks; a subject arrives as argument `subject`."""

    def mark(test: _Test) -> _Test:
        return cast("_Test", pytest.mark.chopsticks_requirement(family_id)(test))

    return mark


def not_claimed(what: str) -> NoReturn:
    """End a test of the suite: the implementation does not claim what it turned out to need."""
    pytest.skip(NOT_CLAIMED + what)


def load_families(
    directory: Path, areas: Iterable[str], known_needs: Iterable[str]
) -> tuple[Family, ...]:
    """Read the file of each area, in order.

    Raises `ConfigurationError` for a duplicate id, an unknown field, level or need, an empty text.
    """
    needs = {*known_needs, *CAPABILITIES}
    families: dict[str, Family] = {}
    for path in (directory / f"{area}.toml" for area in areas):
        for entry in tomllib.loads(path.read_text("utf-8"))["requirement"]:
            family = _family(path, entry, needs)
            if family.id in families:
                raise ConfigurationError(f"{path}: requirement {family.id} is there twice")
            families[family.id] = family
    return tuple(families.values())


def _family(path: Path, entry: dict[str, Any], known_needs: set[str]) -> Family:
    where = f"{path}: requirement {entry.get('id')}"
    if wrong := (entry.keys() - {"each"}) ^ _REQUIRED:
        raise ConfigurationError(f"{where}: missing or unknown fields {sorted(wrong)}")
    if entry["level"] not in get_args(Level) or not entry["text"].strip():
        raise ConfigurationError(f"{where}: needs a level (MUST or SHOULD) and a text")
    if unknown := set(entry["needs"]) - known_needs:
        raise ConfigurationError(f"{where}: unknown needs {sorted(unknown)}")
    needs = tuple(entry["needs"])
    return Family(**{"each": None, **entry, "needs": needs})
