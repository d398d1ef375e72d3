"""`chopsticks init` in repositories of several kinds, and `chopsticks driver-path`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_chopsticks.command_line import main
from pytest_chopsticks.implementations import Target, load_target
from pytest_chopsticks.implementations.python_implementation import PythonImplementation
from tests.implementations.fake_database import FakeDatabase
from tests.javascript.driver_process import driver_process

PACKAGE = {"name": "acme-bot", "version": "2.1.0", "scripts": {"migrate": "node migrate.js"}}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bot in JavaScript with two migrations."""
    (tmp_path / "package.json").write_text(json.dumps(PACKAGE))
    (tmp_path / "db" / "migrations").mkdir(parents=True)
    for name in ("20260101_000000_a.js", "20260102_000000_b.js"):
        (tmp_path / "db" / "migrations" / name).write_text("")
    return tmp_path


def target_of(root: Path) -> Target:
    return load_target(root / "chopsticks.toml")


def test_what_is_found_is_written_down(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(repository)]) == 0
    target = target_of(repository)
    assert (target.name, target.version, target.migrate) == ("acme-bot", "2.1.0", "npm run migrate")
    assert target.migrations == repository / "db/migrations"
    assert "# found: 2 .js" in target.path.read_text()
    said = capsys.readouterr().out
    assert f"wrote {target.path}\nafter a look at package.json. Next:" in said
    assert "pytest --chopsticks-db" in said


@pytest.mark.parametrize(
    ("lock_file", "runner"),
    [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("package-lock.json", "npm")],
)
def test_the_lock_file_tells_the_package_manager(
    repository: Path, lock_file: str, runner: str
) -> None:
    (repository / lock_file).write_text("")
    main(["init", str(repository)])
    assert target_of(repository).migrate == f"{runner} run migrate"


@pytest.mark.parametrize(
    ("scripts", "chosen"),
    [
        (["migrate:create", "db:migrate:down", "apply-migrations"], "apply-migrations"),
        (["knex:migrate", "migrate"], "migrate"),
    ],
)
def test_the_script_that_applies_migrations_is_chosen(
    repository: Path, scripts: list[str], chosen: str
) -> None:
    package = PACKAGE | {"scripts": dict.fromkeys(scripts, "true")}
    (repository / "package.json").write_text(json.dumps(package))
    main(["init", str(repository)])
    assert target_of(repository).migrate == f"npm run {chosen}"


def test_a_python_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "3.0"\n')
    main(["init", str(tmp_path), "--driver", "python"])
    target = target_of(tmp_path)
    assert (target.name, target.version, target.migrate) == ("acme", "3.0", None)


def test_an_empty_directory_leaves_something_to_fill_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    assert '# migrate = "npm run migrate"' in (tmp_path / "chopsticks.toml").read_text()
    said = capsys.readouterr().out
    assert "after a look at the directory" in said
    assert "say in chopsticks.toml which command migrates" in said


def test_names_are_quoted_as_toml_wants(repository: Path) -> None:
    name = 'a "b" \\ \x7f ü \U0001f41f'
    (repository / "package.json").write_text(json.dumps(PACKAGE | {"name": name}))
    main(["init", str(repository)])
    assert target_of(repository).name == name


def test_nothing_is_overwritten(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "chopsticks.toml").write_text("mine")
    assert main(["init", str(repository), "--driver", "node"]) == 2
    assert "chopsticks.toml exists already\n  → Nothing was written" in capsys.readouterr().err
    assert (repository / "chopsticks.toml").read_text() == "mine"
    assert not (repository / "conformance").exists()


def test_force_overwrites(repository: Path) -> None:
    (repository / "chopsticks.toml").write_text("mine")
    assert main(["init", str(repository), "--force"]) == 0
    assert target_of(repository).name == "acme-bot"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n  "name": acme\n}', "package.json:2: not JSON"),
        (b"[]", "package.json holds no object"),
        (b'{"name": "\xff"}', "package.json is not UTF-8 (byte 10)"),
    ],
)
def test_a_package_json_that_cannot_be_read(
    tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package.json").write_bytes(content)
    assert main(["init", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "chopsticks.toml").exists()


def test_a_directory_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "gone")]) == 2
    assert "gone is not a directory" in capsys.readouterr().err


def test_the_driver_in_javascript_starts_and_shakes_hands(repository: Path) -> None:
    main(["init", str(repository), "--driver", "node"])
    command = target_of(repository).command
    assert command
    with driver_process(command.split(), cwd=repository) as process:
        answer = process.initialize()["result"]
        assert process.end() == 0
    assert (answer["name"], answer["version"]) == ("acme-bot", "2.1.0")
    assert (answer["operations"], answer["clock"]) == ([], "wall")


def test_the_driver_in_python_can_be_opened(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["init", str(repository), "--driver", "python"])
    monkeypatch.syspath_prepend(repository)
    implementation = PythonImplementation(target_of(repository))
    with implementation.open(FakeDatabase()):
        assert implementation.claims == frozenset()


@pytest.mark.parametrize(("language", "name"), [("node", "chopsticks.mjs"), ("python", "serve.py")])
def test_driver_path_prints_a_file(
    language: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["driver-path", language]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert (path.name, path.is_file()) == (name, True)
