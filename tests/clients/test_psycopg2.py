"""The suite of psycopg2, each of its tests in a pristine database of our fixtures."""

from __future__ import annotations

import shutil
import tomllib
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.archives import unpack
from tests.plugin.scratch import Scratch

HERE = Path(__file__).parent
SUITE = HERE / "psycopg2_suite"
EXCEPTIONS = tomllib.loads((SUITE / "exceptions.toml").read_text("utf-8"))

#: As `tests/prerequisites.sh` downloads it.
ARCHIVE = HERE / "downloads" / f"psycopg2-{version('psycopg2-binary')}.tar.gz"

#: Their functions called `test_suite` are no tests.
ONLY_CLASSES = ("-o", "python_functions=none")


def test_every_test_passes_in_a_database_of_its_own(scratch: Scratch) -> None:
    unpack_into(scratch.root)

    outcome = scratch.pytest("--chopsticks-db", "--junitxml=results.xml", *ONLY_CLASSES, "tests")

    passed, failed, skipped = results(scratch.root / "results.xml")
    assert failed == set(EXCEPTIONS["failed"]), outcome.output
    assert [why for why in skipped if not why.startswith(tuple(EXCEPTIONS["skipped"]))] == []
    assert len(passed) > 700


def unpack_into(root: Path) -> None:
    if not ARCHIVE.is_file():
        pytest.fail(f"{ARCHIVE} is missing; run: sh tests/prerequisites.sh")
    unpack(ARCHIVE, root)
    shutil.move(root / ARCHIVE.name.removesuffix(".tar.gz") / "tests", root)
    shutil.copy(SUITE / "conftest.py", root)


def results(path: Path) -> tuple[set[str], set[str], set[str]]:
    """The names of the tests that passed and that failed, and why others were skipped."""
    passed, failed, skipped = set(), set(), set()
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.attrib['classname'].rpartition('.')[2]}.{case.attrib['name']}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(name)
        elif (skip := case.find("skipped")) is not None:
            skipped.add(skip.attrib["message"])
        else:
            passed.add(name)
    return passed, failed, skipped
