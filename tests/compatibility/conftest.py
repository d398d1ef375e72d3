"""A server, the canonical schema as the version before, and a judge of one more migration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from pytest_chopsticks.command_line.own_databases import own_databases
from pytest_chopsticks.compatibility import JudgedStep, JudgeOptions, judge_history
from pytest_chopsticks.databases import Database, DatabaseProvider, Template, as_schema_source
from pytest_chopsticks.migrations.files import MigrationFile
from tests.compatibility.judged_cases import build_canonical_schema

WriteMigration = Callable[..., MigrationFile]


class Judge(Protocol):
    """Judges migrations after the canonical ones; the last one's judgement."""

    def __call__(self, *files: MigrationFile, options: JudgeOptions = ...) -> JudgedStep: ...


@pytest.fixture(scope="session")
def databases() -> Iterator[DatabaseProvider]:
    with own_databases(tcp=False) as provider:
        yield provider


@pytest.fixture(scope="session")
def canonical_template(databases: DatabaseProvider) -> Template:
    """The canonical schema, made by the canonical migrations."""
    return databases.template(as_schema_source(build_canonical_schema))


@pytest.fixture
def canonical(databases: DatabaseProvider, canonical_template: Template) -> Iterator[Database]:
    """A database of version 1.0.0 without rows."""
    with databases.clone(canonical_template) as database:
        yield database


@pytest.fixture
def write_migration(tmp_path: Path) -> WriteMigration:
    """Writes a migration; the version tells several of one test apart."""

    def write(
        content: str, suffix: str = ".sql", version: str = "20260401_000000"
    ) -> MigrationFile:
        path = tmp_path / f"{version}_step{suffix}"
        path.write_text(content, "utf-8")
        return MigrationFile(path.name, path)

    return write


@pytest.fixture
def judge(databases: DatabaseProvider, canonical_template: Template) -> Judge:
    def judge_all(*files: MigrationFile, options: JudgeOptions | None = None) -> JudgedStep:
        steps = judge_history(
            files,
            databases,
            options or JudgeOptions(rows=8),
            beginning=canonical_template,
        )
        return list(steps)[-1]

    return judge_all
