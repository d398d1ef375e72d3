"""SQL in the literals of programs that cannot be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.compatibility.reading import read_program
from pytest_chopsticks.errors import MigrationFileError

PYTHON = '''"""Drop a table; SELECT is in this docstring."""
def up(client):
    """ALTER TABLE in a docstring."""
    client.execute("ALTER TABLE t ADD é int")
    client.execute(f"DROP TABLE {name}")
    client.execute("DROP TABLE " + name)
    client.execute("CREATE TABLE %s (a int)" % name)
    client.execute("DROP " "TABLE b")
    print("Please select a table")
    client.execute(
        """
        -- why
        DELETE FROM t
        """
    )
'''

JAVASCRIPT = r"""
// 'DROP TABLE in_a_comment'
/* `DROP TABLE in_another` */
const r = a / b / 'SELECT 1'.length, q = /'DROP TABLE x/;
exports.up = async (client) => {
  await client.query('ALTER TABLE t ADD \u00e9 int');
  await client.query(`DROP TABLE ${names.map((n) => `"${n}"`).join(', ')}`);
  await client.query("DROP TABLE " + name);
  await client.query(`
    DELETE FROM t
  `);
};
"""


def found(path: Path, text: str) -> list[tuple[str, int, bool]]:
    path.write_text(text, "utf-8")
    return [
        (" ".join(one.text.split()), one.line, one.not_analysed is not None)
        for one in read_program(path)
    ]


def test_python(tmp_path: Path) -> None:
    assert found(tmp_path / "a.py", PYTHON) == [
        ("ALTER TABLE t ADD é int", 4, False),
        ("DROP TABLE …", 5, True),
        ("DROP TABLE …", 6, True),
        ("CREATE TABLE %s (a int)…", 7, True),
        ("DROP TABLE b", 8, False),
        ("-- why DELETE FROM t", 11, False),
    ]


@pytest.mark.parametrize("suffix", [".js", ".mjs", ".cjs"])
def test_javascript(tmp_path: Path, suffix: str) -> None:
    assert found(tmp_path / f"a{suffix}", JAVASCRIPT) == [
        ("SELECT 1", 4, False),
        ("ALTER TABLE t ADD é int", 6, False),
        ("DROP TABLE …", 7, True),
        ("DROP TABLE …", 8, True),
        ("DELETE FROM t", 9, False),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.py", "def"), ("a.js", "'x"), ("a.js", "/* x"), ("a.js", "`x"), ("a.js", "`${{x}")],
)
def test_what_is_no_program_is_an_error_with_its_file(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(MigrationFileError) as raised:
        found(tmp_path / name, text)
    assert name in raised.value.message
    assert raised.value.hint


def test_javascript_may_begin_with_a_regular_expression(tmp_path: Path) -> None:
    text = "/'/.test('DROP TABLE t')"

    assert found(tmp_path / "a.js", text) == [("DROP TABLE t", 1, False)]


@pytest.mark.parametrize(
    ("name", "said"),
    [("not_there.py", "cannot be read"), ("a.rb", "is neither Python nor JavaScript")],
)
def test_what_cannot_be_read_is_an_error_with_its_file(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "a.rb").touch()

    with pytest.raises(MigrationFileError, match=f"{name} {said}"):
        read_program(tmp_path / name)
