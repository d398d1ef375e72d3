"""The suite among a host's own tests: where it appears, under which ids, untouched by settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.plugin.scratch import Scratch

ONE = "schema.table.guild_settings"
ID_OF_ONE = "chopsticks.toml::schema::test_table[guild_settings]"
HOST_TEST = "def test_of_the_host(): pass"
BROKEN_INDEX = "DROP INDEX IF EXISTS idx_user_pets_user_id"


@pytest.fixture
def host(scratch: Scratch) -> Scratch:
    """A repository with a test, a subdirectory and settings of its own."""
    scratch.describe_reference()
    scratch.write("pytest.ini", "[pytest]")
    scratch.write("test_host.py", HOST_TEST)
    (scratch.root / "src/deep").mkdir(parents=True)
    return scratch


def collected(scratch: Scratch, *arguments: str, hash_seed: int = 0) -> list[str]:
    """The ids that a run would have."""
    options = ("--chopsticks-db", "--collect-only", "-q")
    outcome = scratch.pytest(*options, *arguments, PYTHONHASHSEED=str(hash_seed))
    return re.findall(r"^\S+::\S.*$", outcome.output, re.MULTILINE)


def test_ids_name_file_area_test_and_subject(host: Scratch) -> None:
    ids = collected(host)
    assert "test_host.py::test_of_the_host" in ids
    assert ID_OF_ONE in ids
    assert "chopsticks.toml::schema::test_column[agent_bots.pool_id]" in ids
    assert "chopsticks.toml::migrations::test_repeatable" in ids


def test_collection_is_the_same_every_time(host: Scratch) -> None:
    ids = collected(host, hash_seed=1)
    assert len(ids) == len(set(ids)) > 150
    assert collected(host, hash_seed=2) == ids


def test_collecting_alone_needs_no_server(host: Scratch) -> None:
    assert ID_OF_ONE in collected(
        host, "--chopsticks-server=local", "--chopsticks-pg-bin=/nonexistent"
    )


def test_without_the_option_there_is_no_suite(host: Scratch) -> None:
    outcome = host.pytest("-v")
    assert "1 passed" in outcome.output
    assert "chopsticks.toml" not in outcome.output
    assert outcome.exit_status == 0


def test_another_path_means_that_alone(host: Scratch) -> None:
    outcome = host.pytest("--chopsticks-db", "test_host.py")
    assert "1 passed" in outcome.output
    assert "Chopsticks conformance" not in outcome.output
    assert outcome.exit_status == 0


def test_the_file_can_be_named_alone_and_with_others(host: Scratch) -> None:
    alone = collected(host, "chopsticks.toml")
    assert {id_.partition("::")[0] for id_ in alone} == {"chopsticks.toml"}
    both = collected(host, "test_host.py", "chopsticks.toml")
    assert both == ["test_host.py::test_of_the_host", *alone]


@pytest.mark.parametrize("ini", [True, False], ids=["with-settings", "without-settings"])
@pytest.mark.parametrize("directory", [".", "src/deep"])
def test_every_directory_of_the_repository_finds_it(
    directory: str, ini: bool, host: Scratch
) -> None:
    """Without settings of pytest the directory is what ids start from."""
    if not ini:
        (host.root / "pytest.ini").unlink()
    outcome = host.judge("-v", "-k", "test_table and guild", cwd=host.root / directory)
    assert outcome.ran == {ONE: "passed"}
    up = "" if directory == "." else "../../"
    assert f"{up}{ID_OF_ONE} PASSED" in outcome.output


@pytest.mark.parametrize(
    ("argument", "ran"),
    [
        (ID_OF_ONE, {ONE}),
        (f"./{ID_OF_ONE}", {ONE}),
        (f"src/../{ID_OF_ONE}", {ONE}),
        ("chopsticks.toml::migrations::test_repeatable", {"migrations.repeatable"}),
    ],
)
def test_ids_on_the_command_line(argument: str, ran: set[str], host: Scratch) -> None:
    outcome = host.judge(argument)
    assert outcome.ran == dict.fromkeys(ran, "passed")


def test_ids_from_a_subdirectory(host: Scratch) -> None:
    outcome = host.judge(f"../../{ID_OF_ONE}", cwd=host.root / "src/deep")
    assert outcome.ran == {ONE: "passed"}


def test_a_whole_area_on_the_command_line(host: Scratch) -> None:
    ids = collected(host, "chopsticks.toml::migrations")
    assert len(ids) > 10
    assert all(id_.startswith("chopsticks.toml::migrations::test_") for id_ in ids)


def test_deselect(host: Scratch) -> None:
    outcome = host.judge(
        "chopsticks.toml::schema::test_table", f"--deselect={ID_OF_ONE}", "-p", "no:randomly"
    )
    assert ONE not in outcome.ran
    assert len(outcome.ran) == 12


def test_last_failed(host: Scratch) -> None:
    host.describe_altered(BROKEN_INDEX)
    first = host.judge("-k", "test_index and (user_pets or wallets)")
    assert len(first.ran) > 1
    again = host.judge("--lf")
    assert set(again.ran.values()) == {"failed"}
    assert again.ran == {id_: one for id_, one in first.ran.items() if one == "failed"}


def test_two_workers(host: Scratch) -> None:
    outcome = host.judge("-n", "2", "-k", "test_table")
    assert len(outcome.ran) == 13
    assert set(outcome.ran.values()) == {"passed"}
    assert outcome.exit_status == 0


@pytest.mark.parametrize(
    "settings",
    [
        "python_files = check_*.py\npython_classes = *\npython_functions = check_*",
        "filterwarnings = error\nxfail_strict = true\naddopts = --strict-markers --strict-config",
        "testpaths = src\nnorecursedirs = * .*\naddopts = -p no:cacheprovider",
        "usefixtures = of_the_host\naddopts = -ra --maxfail=1 --tb=no --durations=3 --color=yes",
        "addopts = --doctest-modules --doctest-glob=*.toml",
        "pythonpath = .\naddopts = --import-mode=importlib",
        "addopts = --import-mode=append",
    ],
)
def test_settings_of_the_host_do_not_reach_it(settings: str, host: Scratch) -> None:
    host.write("pytest.ini", f"[pytest]\n{settings}\n")
    host.write("conftest.py", "import pytest\n@pytest.fixture\ndef of_the_host(): pass")
    outcome = host.judge("-k", "test_table or test_of_the_host")
    assert len(outcome.ran) == 13
    assert set(outcome.ran.values()) == {"passed"}
    assert outcome.exit_status == 0


def test_plugins_of_the_host_may_look_at_its_items(host: Scratch) -> None:
    """A conftest that expects of every item what a test in a file of Python has."""
    host.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(autouse=True)
        def around(request, monkeypatch, tmp_path):
            monkeypatch.chdir(tmp_path)
            assert request.function.__name__.startswith("test_")
            assert request.module.__name__ and request.module.__file__ and request.cls is None
            assert request.node.path.exists() and request.node.location
            yield

        @pytest.fixture(autouse=True, scope="session")
        def session_around(tmp_path_factory):
            yield tmp_path_factory.mktemp("around")

        @pytest.fixture
        def schema(): raise AssertionError("not meant for the suite")

        @pytest.fixture
        def run(): raise AssertionError("not meant for the suite")

        def pytest_collection_modifyitems(items):
            for item in items:
                assert item.module and item.function and item.fspath
                assert item.get_closest_marker("slow") is None
                item.add_marker(pytest.mark.usefixtures("tmp_path"))
            items.reverse()
        """,
    )
    outcome = host.judge("-k", "test_table or test_of_the_host")
    assert len(outcome.ran) == 13
    assert set(outcome.ran.values()) == {"passed"}
    assert "14 passed" in outcome.output


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_host_modules_named_like_the_suite_s(mode: str, host: Scratch) -> None:
    for name in ("test_schema", "test_migrations", "schema", "conformance", "migrations"):
        host.write(f"{name}.py", HOST_TEST.replace("host", f"{name}_of_host"))
    outcome = host.judge(f"--import-mode={mode}", "-k", "of_host or (test_table and guild)")
    assert "3 passed" in outcome.output
    assert outcome.ran == {ONE: "passed"}


def test_fixtures_of_the_suite_are_not_the_host_s(host: Scratch) -> None:
    names = ("migrated", "writer", "snapshot", "schema", "run")
    tests = (f"def test_it_{name}({name}): pass" for name in names)
    host.write("src/test_it.py", "\n".join(tests))
    outcome = host.pytest("--chopsticks-db", "-k", "test_it or (test_table and guild)")
    for name in names:
        assert f"fixture '{name}' not found" in outcome.output
    assert "1 passed, " in outcome.output


def test_nearest_chopsticks_toml_is_the_one(host: Scratch) -> None:
    inner = host.root / "src"
    (inner / "chopsticks.toml").write_text(
        (host.root / "chopsticks.toml").read_text().replace("acme-bot", "inner")
    )
    outcome = host.judge("-k", "test_table and guild", cwd=inner / "deep")
    assert f"described by {Path(inner / 'chopsticks.toml').resolve()}" in outcome.output
    assert outcome.ran == {ONE: "passed"}


def test_without_a_chopsticks_toml_the_fixtures_work_alone(scratch: Scratch) -> None:
    scratch.write("test_it.py", "def test_it(chopsticks_conn): chopsticks_conn.execute('SELECT 1')")
    outcome = scratch.pytest("--chopsticks-db")
    assert "1 passed" in outcome.output
    assert "Chopsticks conformance" not in outcome.output
