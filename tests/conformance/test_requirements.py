"""Requirements and the tests that check them name each other, and the document."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from pytest_chopsticks.bundled import ROOT
from pytest_chopsticks.collection import families
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.requirements import load_families

FAMILIES = {family.id: family for family in families()}
AREAS = list(dict.fromkeys(family.area for family in families()))

ENTRY = """
[[requirement]]
id = "area.one"
level = "MUST"
text = "Something is so."
section = "1. guild_settings"
needs = ["migrate"]
since = "0.1.0"
"""


@pytest.mark.parametrize("area", AREAS)
def test_every_requirement_has_a_test_and_every_test_a_requirement(area: str) -> None:
    module = importlib.import_module(f"pytest_chopsticks.bundled.conformance.{area}")

    assert _checked_by(module) == {id_ for id_, family in FAMILIES.items() if family.area == area}


def test_every_file_of_requirements_is_an_area() -> None:
    files = (ROOT / "conformance" / "requirements").glob("*.toml")

    assert {file.stem for file in files} == set(AREAS)


def test_every_section_is_a_heading_of_the_document() -> None:
    document = (ROOT / "conformance" / "DATABASE_SCHEMA.md").read_text("utf-8")
    headings = set(re.findall(r"^#+ (.+?)\s*$", document, re.MULTILINE))

    sections = {family.section for family in FAMILIES.values()} - {"<section>"}
    assert sections <= headings


def test_every_text_is_a_sentence() -> None:
    assert not [family.id for family in FAMILIES.values() if not family.text.endswith(".")]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (ENTRY + ENTRY, "area.one is there twice"),
        (ENTRY.replace("MUST", "MAY"), "needs a level"),
        (ENTRY.replace("Something is so.", " "), "and a text"),
        (ENTRY.replace('"migrate"', '"teleport"'), "unknown needs ['teleport']"),
        (ENTRY.replace("since", "sincee"), "missing or unknown fields ['since', 'sincee']"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "area.toml").write_text(content)

    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        load_families(tmp_path, ["area"], ["migrate"])


def _checked_by(module: ModuleType) -> set[str]:
    tests = (value for name, value in vars(module).items() if name.startswith("test_"))
    return {
        mark.args[0]
        for test in tests
        for mark in getattr(test, "pytestmark", [])
        if mark.name == "chopsticks_requirement"
    }
