"""What a user installs: built, installed in an environment of its own, and used there."""

from __future__ import annotations

import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_chopsticks import __version__
from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS
from tests.archives import unpack
from tests.plugin.scratch import Outcome, Scratch, scratch_in

REPOSITORY = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("sql_migrate.py")
BUNDLED = ("conformance", "reference_impl", "migrations")
NAME = f"pytest_chopsticks-{__version__}"

#: Without the check on user_inventory.quantity.
BROKEN_BY_A_MISSING_CHECK = {
    "schema.check.user_inventory.quantity": "failed",
    "migrations.from-empty": "failed",
}
NOT_CLAIMED_BY_A_COMMAND = {
    "schema.hash.deterministic": "not-claimed",
    "schema.hash.sensitive": "not-claimed",
    "schema.drift-detected": "not-claimed",
    "migrations.up-again": "not-claimed",
}


@dataclass(frozen=True, slots=True)
class Built:
    """A copy of the repository and what was built from it; `unpacked` is the sdist."""

    tree: Path
    unpacked: Path
    wheel: Path
    wheel_of_sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("built")
    leave_out = shutil.ignore_patterns(".git", "node_modules", ".venv*", ".*_cache")
    tree = shutil.copytree(REPOSITORY, root / "tree", ignore=leave_out)
    build("--sdist", tree, root)
    (root / "sdist").mkdir()
    unpack(root / f"{NAME}.tar.gz", root / "sdist")
    unpacked = root / "sdist" / NAME
    build("--wheel", tree, root / "from-tree")
    build("--wheel", unpacked, root / "from-sdist")
    wheel = f"{NAME}-py3-none-any.whl"
    return Built(tree, unpacked, root / "from-tree" / wheel, root / "from-sdist" / wheel)


@pytest.fixture(scope="module")
def wheel_python(built: Built, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment with the wheel and nothing else."""
    return installed(tmp_path_factory.mktemp("wheel-env"), f"{built.wheel}[embedded]")


@pytest.fixture(scope="module")
def editable_python(built: Built, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment with an editable install."""
    return installed(tmp_path_factory.mktemp("editable-env"), "-e", f"{built.tree}[embedded]")


@pytest.fixture
def wheel_user(tmp_path: Path, clusters: Path, wheel_python: str) -> Iterator[Scratch]:
    """A scratch repository of someone who has installed the wheel."""
    with scratch_in(tmp_path, clusters, wheel_python) as scratch:
        del scratch.environment["PYTEST_ADDOPTS"]
        scratch.environment.pop("PYTHONPATH", None)
        yield scratch


@pytest.fixture
def editable_user(tmp_path: Path, clusters: Path, editable_python: str) -> Iterator[Scratch]:
    """A scratch repository of someone who works on this one."""
    with scratch_in(tmp_path, clusters, editable_python) as scratch:
        del scratch.environment["PYTEST_ADDOPTS"]
        scratch.environment.pop("PYTHONPATH", None)
        yield scratch


@pytest.fixture
def sql_project(wheel_user: Scratch) -> Scratch:
    """A bot with SQL migrations, a program that applies them, and a chopsticks.toml."""
    (wheel_user.root / "db").mkdir()
    for path in CANONICAL_MIGRATIONS.glob("2*.py"):
        wheel_user.write(f"db/{path.stem}.sql", sql_of(path))
    shutil.copy(RUNNER, wheel_user.root / "migrate.py")
    wheel_user.describe(version="3.1.4", migrations="db", migrate="python migrate.py {migrations}")
    return wheel_user


def test_wheel_of_the_sdist_is_the_wheel_of_the_tree(built: Built) -> None:
    assert contents(built.wheel_of_sdist) == contents(built.wheel)


def test_wheel_takes_one_name_in_site_packages(built: Built) -> None:
    tops = {name.partition("/")[0] for name in contents(built.wheel)}
    assert tops == {"pytest_chopsticks", f"{NAME}.dist-info"}


def test_wheel_carries_every_file_of_the_package_and_what_it_bundles(built: Built) -> None:
    names = {name for name in contents(built.wheel) if name.startswith("pytest_chopsticks/")}
    expected = set(files_below(built.unpacked, "pytest_chopsticks"))
    for directory in BUNDLED:
        found = set(files_below(built.unpacked, directory))
        assert found
        expected |= {f"pytest_chopsticks/bundled/{name}" for name in found}
    assert names == expected
    assert not any("__pycache__" in name for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "catalog/snapshot.sql",
        "migrations/inspect.mjs",
        "bundled/conformance/DATABASE_SCHEMA.md",
        "bundled/conformance/requirements/schema.toml",
        "bundled/reference_impl/implementation.py",
        "bundled/migrations/20260214_000000_schema_1_0_0.py",
    ],
)
def test_wheel_carries_data_too(name: str, built: Built) -> None:
    assert f"pytest_chopsticks/{name}" in contents(built.wheel)


def test_sdist_has_the_tests_and_no_junk(built: Built) -> None:
    names = set(files_below(built.unpacked, "."))
    assert {"README.md", "LICENSE", "chopsticks.toml", "tests/packaging/test_wheel.py"} <= names
    assert not any("node_modules" in name or "__pycache__" in name for name in names)


@pytest.mark.parametrize("user", ["wheel_user", "editable_user"])
def test_no_other_name_can_be_imported(user: str, request: pytest.FixtureRequest) -> None:
    scratch: Scratch = request.getfixturevalue(user)
    for name in (*BUNDLED, "tests", "hatch_build"):
        outcome = scratch.run([scratch.python, "-c", f"import {name}"])
        assert f"ModuleNotFoundError: No module named '{name}'" in outcome.output
    check = "import pytest_chopsticks.bundled.conformance, pytest_chopsticks.bundled.reference_impl"
    assert scratch.run([scratch.python, "-c", check]).exit_status == 0


def test_correct_sql_migrations(sql_project: Scratch) -> None:
    """Of what a command can claim, everything passes; the rest makes it partial."""
    outcome = judge(sql_project)
    assert others_than_passed(outcome) == NOT_CLAIMED_BY_A_COMMAND
    assert set(outcome.statuses.values()) == {"passed", "not-claimed"}
    assert outcome.report["result"] == "partial"
    assert outcome.report["implementation"] == {
        "name": "acme-bot",
        "version": "3.1.4",
        "language": "unknown",
        "operations": ["migrate"],
    }
    assert outcome.report["server"]["origin"] == "embedded"
    assert outcome.exit_status == 0


def test_sql_migrations_without_a_check(sql_project: Scratch) -> None:
    """Exactly what the missing check breaks fails."""
    [path] = (sql_project.root / "db").glob("*_schema_1_0_0.sql")
    check = "CHECK (quantity > 0)"
    assert check in path.read_text()
    path.write_text(path.read_text().replace(check, ""))
    outcome = judge(sql_project)
    expected = {**NOT_CLAIMED_BY_A_COMMAND, **BROKEN_BY_A_MISSING_CHECK}
    assert others_than_passed(outcome) == expected
    assert outcome.report["result"] == "nonconformant"
    assert outcome.exit_status == 1


def test_reference_implementation_out_of_the_wheel(wheel_user: Scratch) -> None:
    wheel_user.describe_reference()
    outcome = judge(wheel_user)
    assert set(outcome.statuses.values()) == {"passed"}
    assert outcome.report["result"] == "conformant"
    assert outcome.exit_status == 0


def test_editable_install_behaves_the_same(editable_user: Scratch, wheel_user: Scratch) -> None:
    """From the same repository, since both fixtures share the test's directory."""
    editable_user.describe_reference()
    collecting = ("--chopsticks-db", "--collect-only", "-q")
    collected = editable_user.pytest(*collecting).output.split("\n\n")[0]
    assert "chopsticks.toml::schema::test_table[guild_settings]" in collected
    assert wheel_user.pytest(*collecting).output.split("\n\n")[0] == collected
    outcome = judge(editable_user, "-k", "migrations")
    assert set(outcome.ran.values()) == {"passed"}
    assert outcome.exit_status == 0


def build(what: str, source: Path, target: Path) -> None:
    """Without an environment of its own where the backend is at hand, which saves half the time."""
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    run("build", what, *isolation, f"--outdir={target}", str(source))


def installed(root: Path, *what: str) -> str:
    """A new environment's interpreter; the pip at hand fills it."""
    venv.create(root, symlinks=True)
    python = str(root / "bin" / "python")
    run("pip", f"--python={python}", "install", "--quiet", *what)
    return python


def run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    # What a build imports lies in the tree whose files are looked at.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_below(root: Path, directory: str) -> Iterator[str]:
    for path in (root / directory).rglob("*"):
        if path.is_file():
            yield path.relative_to(root).as_posix()


def sql_of(migration: Path) -> str:
    """The statements that a Python migration executes."""
    statements: list[str] = []

    class Client:
        execute = staticmethod(statements.append)

    runpy.run_path(str(migration))["up"](Client)
    return "".join(f"{statement.strip()};\n" for statement in statements)


def judge(scratch: Scratch, *arguments: str) -> Outcome:
    return scratch.judge("--chopsticks-server=embedded", *arguments)


def others_than_passed(outcome: Outcome) -> dict[str, str]:
    """The rest of the areas that are about the schema alone; those about a driver are left out."""
    assert outcome.report["counts"]["passed"] > 100, outcome.output
    return {
        id_: status
        for id_, status in outcome.statuses.items()
        if status != "passed" and id_.startswith(("schema.", "migrations."))
    }
