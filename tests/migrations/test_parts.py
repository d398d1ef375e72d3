"""What migration files define, in every language, and files that cannot be understood."""

import shutil
import tempfile
from pathlib import Path

import pytest

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations import javascript_module
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.javascript_module import inspect_javascript
from pytest_chopsticks.migrations.parts import MigrationParts, read_parts


def parts_of(directory: Path, suffix: str, content: str) -> MigrationParts:
    path = directory / f"20260101_000000_a{suffix}"
    path.write_text(content)
    return read_parts(MigrationFile(path.name, path))


@pytest.mark.parametrize(
    ("suffix", "content", "expected"),
    [
        (".sql", "CREATE TABLE a ();", (None, True, False)),
        (".sql", "-- nothing yet\n", (None, False, False)),
        (".sql", "-- migrate:up\nA;\n-- migrate:down\nB;", (None, True, True)),
        (".sql", "-- migrate:up\n-- migrate:down\n-- none\n", (None, True, False)),
        (".py", "description = 'd'\ndef up(client): pass\n", ("d", True, False)),
        (".py", "def up(c): ...\ndef down(c):\n  '''None.'''\n  return\n", (None, True, False)),
        (".py", "async def up(c): ...\nasync def down(c): c()\n", (None, True, True)),
        (".py", "up = down = print\ndescription: str = 'd'\n", ("d", True, True)),
        (".py", "from a import b as up\ndown = None\n", (None, True, False)),
        (".py", "\ufeff# nothing\nclass A:\n  def up(self): ...\n", (None, False, False)),
        (".mjs", "export default { description: 'd', up() {}, down() { x(); } }",
         ("d", True, True)),
        (".mjs", "export const id = '1', description = 'd';\nexport async function up(c) {}\n"
         "export async function down(c) { /* nothing */ }", ("d", True, False)),
        (".cjs", "module.exports = { up: async () => {}, down: async (c) => c.query('x') }",
         (None, True, True)),
        (".cjs", "exports.up = () => {};", (None, True, False)),
        (".js", "module.exports = { up: 'x' };", (None, False, False)),
        (".mjs", "export default null;", (None, False, False)),
        (".mjs", "console.log('{}'); console.error('x'); setInterval(() => {}, 1);\n"
         "export const up = () => {};", (None, True, False)),
    ],
)  # fmt: skip
def test_parts(
    tmp_path: Path, suffix: str, content: str, expected: tuple[str | None, bool, bool]
) -> None:
    assert parts_of(tmp_path, suffix, content) == MigrationParts(*expected)


def test_the_type_in_package_json_is_respected(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    assert parts_of(tmp_path, ".js", "export const up = () => {};").has_up


@pytest.mark.parametrize(
    ("suffix", "shape"), [(".mjs", "default"), (".cjs", "commonjs"), (".js", "commonjs")]
)
def test_the_shape_of_exports(tmp_path: Path, suffix: str, shape: str) -> None:
    path = tmp_path / f"a{suffix}"
    export = "export default" if suffix == ".mjs" else "module.exports ="
    path.write_text(f"{export} {{ version: '1', up() {{}} }};")
    module = inspect_javascript(path)
    assert (module.shape, module.keys, module.version) == (shape, ("version", "up"), "1")


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        (".py", "x = 1\ndef up(client:\n", ":2: SyntaxError: '(' was never closed\n    def up("),
        (".py", "def up(c):\npass\n", ":2: IndentationError: expected an indented block"),
        (".mjs", "const a = 1;\nconst = 2;\n", ":2: SyntaxError: Unexpected token '='\n    const"),
        (".cjs", "const a = 1;\nconst = 2;\n", ":2: SyntaxError: Unexpected token '='\n    const"),
        (".cjs", "\nthrow new TypeError('boo');", ":2: TypeError: boo\n    throw new"),
        (".mjs", "import 'no-such-package';", "Cannot find package 'no-such-package'"),
        (".mjs", "process.exit(3);", "importing it ended node with exit status 3"),
    ],
)
def test_files_that_cannot_be_understood(
    tmp_path: Path, suffix: str, content: str, message: str
) -> None:
    with pytest.raises(MigrationFileError) as raised:
        parts_of(tmp_path, suffix, content)
    assert f"20260101_000000_a{suffix}" in raised.value.message
    assert message in raised.value.message
    assert "Try it: " in (raised.value.hint or "")


def test_an_import_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(javascript_module, "TIME_LIMIT_S", 0.5)
    with pytest.raises(MigrationFileError, match=r"importing it did not end within 0\.5 s"):
        parts_of(tmp_path, ".mjs", "for (;;);")


def test_node_is_asked_for_only_where_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert parts_of(tmp_path, ".sql", "A;").has_up
    with pytest.raises(MigrationFileError, match=r"there is no `node`(.|\n)*Install Node\.js"):
        parts_of(tmp_path, ".js", "module.exports = {};")


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert shutil.which("node")
    parts_of(tmp_path, ".mjs", "export default {}")
    assert list(temporary.iterdir()) == []
