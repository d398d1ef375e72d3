"""`chopsticks.toml`: what is read, and what each mistake is answered with."""

from pathlib import Path

import pytest

from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations import find_target, load_target

MINIMAL = '[implementation]\nname = "acme-bot"\nmigrate = "make schema"\n'


def write(directory: Path, text: str) -> Path:
    path = directory / "chopsticks.toml"
    path.write_text(text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    target = load_target(
        write(
            tmp_path,
            """
            [implementation]
            name = "acme-bot"
            version = "2.1.0"
            migrate = "npm run migrate"
            migrations = "db"
            baseline = "npm run ensure-schema"
            command = "node driver.mjs"
            python = "acme.conformance:Implementation"
            env = { MIGRATIONS_DIR = "{migrations}" }
            statements = "sql/*.sql"
            audit_retention_key = "auditDays"

            [known-failures]
            "tokens.bound-to-row" = "acme#42: bind the ciphertext to its row"
            """,
        )
    )
    assert target.root == tmp_path
    assert (target.name, target.version) == ("acme-bot", "2.1.0")
    assert target.commands == ("npm run ensure-schema", "npm run migrate", "node driver.mjs")
    assert target.migrations == tmp_path / "db"
    assert target.python == "acme.conformance:Implementation"
    assert target.env == {"MIGRATIONS_DIR": "{migrations}"}
    assert (target.statements, target.audit_retention_key) == ("sql/*.sql", "auditDays")
    assert target.known_failures == {
        "tokens.bound-to-row": "acme#42: bind the ciphertext to its row"
    }


def test_what_is_left_out_has_a_meaning(tmp_path: Path) -> None:
    target = load_target(write(tmp_path, MINIMAL))
    assert (target.version, target.migrations, target.python) == (None, None, None)
    assert target.env == target.known_failures == {}
    assert target.audit_retention_key == "auditRetentionDays"


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("[implementation\n", "", "is not TOML: Expected ']'", "toml.io"),
        (MINIMAL + "version = 2\n", ":4", '"version" must be a string, not an integer', "quotes"),
        (MINIMAL + "version = true\n", ":4", "not a boolean", "quotes"),
        (MINIMAL + "version = 2026-01-01\n", ":4", "not a date or time", "quotes"),
        (MINIMAL + 'migratons = "db"\n', ":4", 'unknown key "migratons"', '"migrations"'),
        (MINIMAL + 'zzz = "db"\n', ":4", 'unknown key "zzz"', "Valid here: name, version"),
        ('[implementatoin]\nname = "x"\n', ":1", 'key "implementatoin"', '"implementation"'),
        ('implementation = "x"\n', ":1", "implementation must be a table, not", "table"),
        (MINIMAL + 'env = "A=1"\n', ":4", "env must be a table", "table of strings"),
        (MINIMAL + "env = { PORT = 1 }\n", ":4", 'env "PORT" must be a string', 'PORT = "…"'),
        (MINIMAL + 'env = { "A=B" = "1" }\n', ":4", 'env "A=B" cannot be', "AGENT_TOKEN_KEY"),
        (MINIMAL + 'known-failures = ["x"]\n', ":4", "unknown key", "Valid here"),
        (MINIMAL + '[known-failures]\n"a.b" = 1\n', ":5", '"a.b" must be a string', "quotes"),
        (MINIMAL + '[known-failures]\n"a.b" = ""\n', ":5", '"a.b" is empty', "Give it a value"),
        ('[implementation]\nname = "x"\nmigrate = " "\n', ":3", '"migrate" is empty', "remove"),
        ('[implementation]\nmigrate = "x"\n', "", "name is missing", "Reports"),
        ("", "", "name is missing", "[implementation]"),
        ('[implementation]\nname = "x"\n', "", "none of migrate, python and command", "npm run"),
        (MINIMAL + 'python = "acme"\n', ":4", 'not of the form "module:Class"', "acme.conf"),
        (MINIMAL + 'migrations = "gone"\n', ":4", "is not a directory", "relative to"),
    ],
)
def test_a_mistake_is_located_and_answered(
    tmp_path: Path, text: str, place: str, message: str, hint: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as raised:
        load_target(path)
    assert raised.value.message.startswith(f"{path}{place}")
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")


def test_a_syntax_error_says_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"at line 3, column 11"):
        load_target(write(tmp_path, '[implementation]\nname = "x"\nmigrate = npm run\n'))


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "chopsticks.toml"
    path.write_bytes(b'[implementation]\nname = "caf\xe9"\n')
    with pytest.raises(ConfigurationError, match="is not UTF-8"):
        load_target(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        load_target(tmp_path / "chopsticks.toml")


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    outer = write(tmp_path, MINIMAL)
    inner_root = tmp_path / "packages" / "bot"
    deep = inner_root / "src" / "db"
    deep.mkdir(parents=True)
    assert find_target(deep) == outer
    inner = write(inner_root, MINIMAL)
    assert find_target(deep) == inner


def test_no_file_above(tmp_path: Path) -> None:
    assert find_target(tmp_path) is None
