"""Which files are migrations, and what their names say."""

import hashlib
from pathlib import Path

import pytest

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import (
    MigrationFile,
    duplicate_versions,
    list_migrations,
    name_problem,
)


def file(name: str, directory: Path = Path("db")) -> MigrationFile:
    return MigrationFile(name, directory / name)


def test_migrations_are_listed_by_name_and_nothing_else_is(tmp_path: Path) -> None:
    suffixes = [".sql", ".py", ".mjs", ".cjs", ".js"]
    names = [f"2026010{day}_000000_x{suffixes[day % 5]}" for day in (7, 3, 9, 1, 5, 8, 2, 6, 4)]
    others = ["README.md", ".20260101_000000_x.js", "__init__.py", "x.d.ts", "x.json", "x.sql.bak"]
    for name in [*names, *others]:
        (tmp_path / name).write_text("")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "20260104_000000_directory.js").mkdir()
    assert [migration.name for migration in list_migrations(tmp_path)] == sorted(names)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MigrationFileError, match="gone cannot be listed: No such file"):
        list_migrations(tmp_path / "gone")


def test_a_name_has_version_and_description() -> None:
    migration = file("20260214_093000_add_tags.v2.mjs")
    assert (migration.version, migration.description) == ("20260214_093000", "add_tags.v2")


def test_the_version_of_another_name_is_all_of_it() -> None:
    assert (file("001-init.sql").version, file("001-init.sql").description) == ("001-init", "")


def test_the_checksum_is_of_the_bytes(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfSELECT 1;\r\n"
    (tmp_path / "a.sql").write_bytes(content)
    assert file("a.sql", tmp_path).checksum == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(MigrationFileError, match=r"a\.sql cannot be read"):
        _ = file("a.sql", tmp_path).content


@pytest.mark.parametrize(
    "name", ["20260214_000000_x.js", "20240229_235959_leap_day.sql", "20260214_000000_a-b.c.py"]
)
def test_good_names(name: str) -> None:
    assert name_problem(file(name)) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("001_init.sql", "does not begin with YYYYMMDD_HHMMSS"),
        ("20260214000000_x.sql", "does not begin with YYYYMMDD_HHMMSS"),
        ("20260214_000000x.sql", "does not begin with YYYYMMDD_HHMMSS"),
        ("٢٠٢٦٠٢١٤_000000_x.sql", "does not begin with YYYYMMDD_HHMMSS"),
        ("20260230_000000_x.sql", "20260230_000000 is not a real date and time"),
        ("20230229_000000_x.sql", "20230229_000000 is not a real date and time"),
        ("20260214_240000_x.sql", "20260214_240000 is not a real date and time"),
        ("20260214_000060_x.sql", "20260214_000060 is not a real date and time"),
        ("20260214_000061_x.sql", "20260214_000061 is not a real date and time"),
        ("20260214_000000.sql", "has no description behind the date and time"),
        ("20260214_000000_.sql", "has no description behind the date and time"),
    ],
)
def test_bad_names(name: str, problem: str) -> None:
    assert name_problem(file(name)) == problem


def test_versions_used_twice() -> None:
    first, second = file("20260101_000000_a.sql"), file("20260101_000000_b.js")
    assert duplicate_versions([first, second, file("20260102_000000_c.sql")]) == {
        "20260101_000000": (first, second)
    }
