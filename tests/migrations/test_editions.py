"""Edited copies of migrations: what is changed, what still works, and that nothing is left."""

import asyncio
import importlib.util
import json
import subprocess
import tempfile
from pathlib import Path

import pytest

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.editions import (
    AppendedByte,
    ByteOrderMark,
    ExtraMigration,
    Interrupted,
    Only,
    OtherLineEndings,
    Renamed,
    Swapped,
    Without,
    edition,
)
from pytest_chopsticks.migrations.files import list_migrations
from pytest_chopsticks.migrations.interruption import FAILING_STATEMENT, Interruption
from pytest_chopsticks.migrations.parts import read_parts

FIRST, SECOND = "20260101_000000_a", "20260102_000000_b"
EXTRA = "20250101_000000"


def project(root: Path, suffix: str, content: str, **others: str) -> Path:
    """A project with two migrations of this content, and other files by their paths."""
    directory = root / "project" / "db" / "migrations"
    directory.mkdir(parents=True)
    for stem in (FIRST, SECOND):
        (directory / f"{stem}{suffix}").write_text(content)
    (root / "project" / "package.json").write_text("{}")
    for path, text in others.items():
        (root / "project" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "project" / path).write_text(text)
    return directory


def failing_at_end(name: str) -> Interrupted:
    return Interrupted(name, Interruption(FAILING_STATEMENT))


def names(directory: Path) -> list[str]:
    return [file.name for file in list_migrations(directory)]


def statements_of_python(path: Path, method: str = "execute") -> list[str]:
    """What `up` sends when the module is loaded as migration runners load it."""
    spec = importlib.util.spec_from_file_location("migration", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sent: list[str] = []
    pending = module.up(type("Client", (), {method: lambda _, text: sent.append(text)})())
    if pending is not None:
        asyncio.run(pending)
    return sent


def statements_of_javascript(path: Path, import_line: str) -> list[str]:
    """What `up` sends when `import_line` (or require) has brought the module in."""
    code = f"""{import_line.format(json.dumps(str(path)))}
        const sent = [];
        await migration.up({{ query: async (text) => {{ sent.push(text); }} }});
        console.log(JSON.stringify(sent));
    """
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    sent: list[str] = json.loads(done.stdout)
    return sent


DEFAULT_IMPORT = "const {{ default: migration }} = await import({0});"
NAMESPACE_IMPORT = "const migration = await import({0});"
REQUIRE = "import {{ createRequire }} from 'node:module';\
 const migration = createRequire({0})({0});"


def test_a_byte_more_changes_one_file_and_not_the_original(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "SELECT 1;")
    with edition(directory, AppendedByte(f"{FIRST}.sql")) as edited:
        assert (edited / f"{FIRST}.sql").read_bytes() == b"SELECT 1;\n"
        assert (edited / f"{SECOND}.sql").read_bytes() == b"SELECT 1;"
    assert (directory / f"{FIRST}.sql").read_bytes() == b"SELECT 1;"


def test_line_endings_become_the_others_and_back(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "A;\nB;\n")
    other = OtherLineEndings(f"{FIRST}.sql")
    with edition(directory, other) as edited:
        assert (edited / f"{FIRST}.sql").read_bytes() == b"A;\r\nB;\r\n"
    with edition(directory, other, other) as edited:
        assert (edited / f"{FIRST}.sql").read_bytes() == b"A;\nB;\n"


def test_a_byte_order_mark_comes_and_goes(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "A;")
    mark = ByteOrderMark(f"{FIRST}.sql")
    with edition(directory, mark) as edited:
        assert (edited / f"{FIRST}.sql").read_bytes() == b"\xef\xbb\xbfA;"
    with edition(directory, mark, mark) as edited:
        assert (edited / f"{FIRST}.sql").read_bytes() == b"A;"


def test_two_files_swap_their_contents(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "A;")
    (directory / f"{SECOND}.sql").write_text("B;")
    with edition(directory, Swapped(f"{FIRST}.sql", f"{SECOND}.sql")) as edited:
        assert [file.content for file in list_migrations(edited)] == [b"B;", b"A;"]


def test_a_file_gets_another_version(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "A;")
    with edition(directory, Renamed(f"{FIRST}.sql", "20270101_000000")) as edited:
        assert names(edited) == [f"{SECOND}.sql", "20270101_000000_a.sql"]


def test_files_are_taken_away_and_kept(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "SELECT 1;")
    with edition(directory, Without(f"{FIRST}.sql")) as edited:
        assert names(edited) == [f"{SECOND}.sql"]
    with edition(directory, Only((f"{FIRST}.sql",))) as edited:
        assert names(edited) == [f"{FIRST}.sql"]
    with edition(directory, Only(())) as edited:
        assert names(edited) == []
    assert len(names(directory)) == 2


def test_edits_are_made_in_order(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "SELECT 1;")
    edits = (ExtraMigration(EXTRA), Only((f"{FIRST}.sql",)), AppendedByte(f"{FIRST}.sql"))
    with edition(directory, *edits) as edited:
        assert names(edited) == [f"{FIRST}.sql"]
        assert (edited / f"{FIRST}.sql").read_bytes().endswith(b"\n")


def test_a_file_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    directory = project(tmp_path, ".sql", "SELECT 1;")
    with (
        pytest.raises(MigrationFileError, match=rf"no migration file x\.sql(.|\n)*{FIRST}\.sql"),
        edition(directory, Without("x.sql")),
    ):
        pass


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MigrationFileError, match="gone is not there"), edition(tmp_path / "gone"):
        pass


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    directory = project(tmp_path, ".sql", "SELECT 1;")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    try:
        with edition(directory):
            assert list(temporary.iterdir()) != []
            if error:
                raise error
    except RuntimeError:
        pass
    assert list(temporary.iterdir()) == []
    assert len(names(directory)) == 2


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        ("A;\n", "A;\n\n{0};\n"),
        ("A", "A;\n{0};\n"),
        ("A -- trailing; comment", "A;\n{0};\n -- trailing; comment"),
        ("A; -- trailing comment", "A; -- trailing comment\n{0};\n"),
        ("DO $$ BEGIN; END; $$", "DO $$ BEGIN; END; $$;\n{0};\n"),
        ("BEGIN; A; COMMIT;\n", "BEGIN; A; \n{0};\nCOMMIT;\n"),
        ("begin;\nA;\nend work", "begin;\nA;\n\n{0};\nend work"),
        ("A; COMMIT;", "A; COMMIT;\n{0};\n"),
        ("-- nothing", "-- nothing\n{0};\n"),
    ],
)
@pytest.mark.parametrize("marked", [False, True])
def test_sql_fails_at_the_end_of_up(tmp_path: Path, up: str, expected: str, marked: bool) -> None:
    before, after = ("-- migrate:up\n", "\n-- migrate:down\nB;\n") if marked else ("", "")
    directory = project(tmp_path, ".sql", f"{before}{up}{after}")
    with edition(directory, failing_at_end(f"{SECOND}.sql")) as edited:
        text = (edited / f"{SECOND}.sql").read_text()
        assert (edited / f"{FIRST}.sql").read_text() == f"{before}{up}{after}"
    assert text.replace("\n", "") == (
        f"{before}{expected.format(FAILING_STATEMENT)}{after}".replace("\n", "")
    )
    assert f"--{FAILING_STATEMENT}" not in text.replace(" ", "")


@pytest.mark.parametrize("method", ["execute", "query"])
@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\ndef up(client: C) -> None:\n"
        "    (getattr(client, 'execute', None) or client.query)('A')",
        "async def up(client):\n    (getattr(client, 'execute', None) or client.query)('A')",
        "run = 1\nup = lambda client: getattr(client, 'execute', None) and client.execute('A')"
        " or not hasattr(client, 'execute') and client.query('A') or None",
    ],
)
def test_python_fails_at_the_end_of_up(tmp_path: Path, source: str, method: str) -> None:
    directory = project(tmp_path, ".py", source)
    with edition(directory, failing_at_end(f"{SECOND}.py")) as edited:
        assert statements_of_python(edited / f"{SECOND}.py", method) == ["A", FAILING_STATEMENT]


JAVASCRIPT_SHAPES = [
    (
        ".mjs",
        "import {{ TEXT }} from '../../lib/text.mjs';\n"
        "export default {{ version: '{0}', async up(client) {{ await client.query(TEXT); }} }};",
        DEFAULT_IMPORT,
    ),
    (
        ".mjs",
        "import {{ TEXT }} from '../../lib/text.mjs';\n"
        "export const id = '{0}';\n"
        "export async function up(client) {{ await client.query(TEXT); }}",
        NAMESPACE_IMPORT,
    ),
    (
        ".cjs",
        "const {{ TEXT }} = require('../../lib/text.cjs');\n"
        "module.exports = {{ version: '{0}', up: (client) => client.query(TEXT) }};",
        REQUIRE,
    ),
    (
        ".js",
        "const {{ TEXT }} = require('../../lib/text.cjs');\n"
        "exports.up = async (client) => {{ await client.query(TEXT); }};",
        NAMESPACE_IMPORT,
    ),
    (
        ".cjs",
        "const {{ TEXT }} = require('../../lib/text.cjs');\n"
        "class M {{ text = TEXT; up(client) {{ return client.query(this.text); }} }}\n"
        "module.exports = new M();",
        REQUIRE,
    ),
]
LIBRARY = {
    "lib/text.mjs": "export const TEXT = 'A';",
    "lib/text.cjs": "exports.TEXT = 'A';",
}


@pytest.mark.parametrize(("suffix", "source", "import_line"), JAVASCRIPT_SHAPES)
def test_javascript_fails_at_the_end_of_up_and_finds_what_it_imports(
    tmp_path: Path, suffix: str, source: str, import_line: str
) -> None:
    directory = project(tmp_path, suffix, source.format("1"), **LIBRARY)
    name = f"{SECOND}{suffix}"
    with edition(directory, failing_at_end(name), AppendedByte(f"{FIRST}{suffix}")) as edited:
        failing = statements_of_javascript(edited / name, import_line)
        untouched = statements_of_javascript(edited / f"{FIRST}{suffix}", import_line)
        assert names(edited) == names(directory)
    assert failing == ["A", FAILING_STATEMENT]
    assert untouched == ["A"]


def test_the_failing_javascript_keeps_its_other_exports(tmp_path: Path) -> None:
    source = "export const id = '7', description = 'd';\nexport const up = () => {};\n"
    directory = project(tmp_path, ".mjs", source)
    with edition(directory, failing_at_end(f"{FIRST}.mjs")) as edited:
        parts = read_parts(list_migrations(edited)[0])
    assert (parts.description, parts.has_up) == ("d", True)


def test_the_failing_javascript_keeps_the_methods_of_a_class(tmp_path: Path) -> None:
    source = "class M { up() {} down(client) { return client.query('x'); } }\n\
module.exports = new M();"
    directory = project(tmp_path, ".cjs", source)
    with edition(directory, failing_at_end(f"{FIRST}.cjs")) as edited:
        assert read_parts(list_migrations(edited)[0]).has_down


def test_the_module_type_of_the_project_holds_in_the_copy(tmp_path: Path) -> None:
    """package.json lies two directories above the migrations."""
    source = "import { TEXT } from '../../lib/text.mjs';\n\
export default { up: (client) => client.query(TEXT) };"
    directory = project(
        tmp_path, ".js", source, **LIBRARY, **{"package.json": '{"type": "module"}'}
    )
    with edition(directory, failing_at_end(f"{FIRST}.js")) as edited:
        sent = statements_of_javascript(edited / f"{FIRST}.js", DEFAULT_IMPORT)
        assert sent == ["A", FAILING_STATEMENT]
        assert statements_of_javascript(edited / f"{SECOND}.js", DEFAULT_IMPORT) == ["A"]


def test_packages_and_files_beside_the_migrations_are_found(tmp_path: Path) -> None:
    source = "import { X } from 'pkg';\nimport { Y } from './shared/y.mjs';\n\
export const up = (client) => client.query(X + Y);"
    directory = project(
        tmp_path,
        ".mjs",
        source,
        **{
            "node_modules/pkg/package.json": '{"name": "pkg", "main": "i.mjs"}',
            "node_modules/pkg/i.mjs": "export const X = 'x';",
            "db/migrations/shared/y.mjs": "export const Y = 'y';",
        },
    )
    with edition(directory, AppendedByte(f"{FIRST}.mjs")) as edited:
        sent = statements_of_javascript(edited / f"{FIRST}.mjs", NAMESPACE_IMPORT)
    assert sent == ["xy"]


EXTRA_TABLE = f"CREATE TABLE chopsticks_extra_{EXTRA} (id integer PRIMARY KEY)"


@pytest.mark.parametrize(("suffix", "source", "import_line"), JAVASCRIPT_SHAPES)
def test_an_extra_javascript_migration_has_the_shape_of_its_neighbours(
    tmp_path: Path, suffix: str, source: str, import_line: str
) -> None:
    directory = project(tmp_path, suffix, source.format("1"), **LIBRARY)
    with edition(directory, ExtraMigration(EXTRA)) as edited:
        extra = edited / f"{EXTRA}_chopsticks_extra{suffix}"
        assert statements_of_javascript(extra, import_line) == [EXTRA_TABLE]


def test_an_extra_python_migration(tmp_path: Path) -> None:
    directory = project(tmp_path, ".py", "def up(client): ...\n")
    with edition(directory, ExtraMigration(EXTRA)) as edited:
        assert names(edited)[0] == f"{EXTRA}_chopsticks_extra.py"
        assert statements_of_python(edited / names(edited)[0]) == [EXTRA_TABLE]
        parts = read_parts(list_migrations(edited)[0])
    assert (parts.description, parts.has_up, parts.has_down) == ("An extra table", True, True)


@pytest.mark.parametrize(("marker", "has_down"), [("", False), ("-- migrate:up\n", True)])
def test_an_extra_sql_migration(tmp_path: Path, marker: str, has_down: bool) -> None:
    directory = project(tmp_path, ".sql", f"{marker}SELECT 1;")
    with edition(directory, ExtraMigration(EXTRA)) as edited:
        text = (edited / f"{EXTRA}_chopsticks_extra.sql").read_text()
        assert read_parts(list_migrations(edited)[0]).has_down is has_down
    assert text.startswith(f"{marker}{EXTRA_TABLE};")


def test_an_extra_migration_needs_a_neighbour(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    with (
        pytest.raises(MigrationFileError, match="no migration file to add another one to"),
        edition(tmp_path / "db", ExtraMigration(EXTRA)),
    ):
        pass
