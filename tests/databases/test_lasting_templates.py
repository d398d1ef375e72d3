"""A server's state is saved with its new templates, unless a test has left something in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    SqlFiles,
    lasting_templates,
    role_for,
)
from pytest_chopsticks.servers import SavedCluster, ServerRequest, start_server
from tests.plugin.scratch import cluster_cache


class Source:
    """Builds an empty table, and counts how often."""

    lasting = True

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.built = 0

    def build(self, database: Database) -> None:
        self.built += 1
        with database.connect(autocommit=True) as connection:
            connection.execute("CREATE TABLE pets (name text)")


class Project:
    """Whose runs start from the state that the last one left."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, *sources: Source, deed: str = "SELECT 1") -> SavedCluster:
        """Build templates, and do something as a superuser."""
        saved = SavedCluster(self.name)
        with (
            start_server(ServerRequest(saved=saved)) as server,
            lasting_templates(server, saved),
            DatabaseProvider(server, role_for(server, "run"), run="run") as provider,
        ):
            for template in map(provider.template, sources):
                with (
                    provider.clone(template) as database,
                    database.observe(autocommit=True) as connection,
                ):
                    connection.execute(deed.encode())
        return saved


@pytest.fixture(scope="module", autouse=True)
def cache() -> Iterator[None]:
    """A cache of these tests' own."""
    with pytest.MonkeyPatch.context() as patch, cluster_cache() as cache:
        patch.setenv("CHOPSTICKS_CACHE_DIR", str(cache))
        yield


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(str(tmp_path))


def test_template_is_built_once(project: Project) -> None:
    source = Source("a" * 64)
    assert project.run(source).ready
    assert not project.run(source).ready, "nothing new is to be saved"
    assert source.built == 1


def test_templates_of_several_runs_are_kept_up_to_a_number(project: Project) -> None:
    sources = [Source(letter * 64) for letter in "abcde"]
    project.run(*sources[:3])
    project.run(*sources[3:])
    project.run(*sources[1:])
    assert [source.built for source in sources] == [1, 1, 1, 1, 1]
    project.run(sources[0])
    assert sources[0].built == 2


@pytest.mark.parametrize(
    "deed",
    [
        "ALTER SYSTEM SET work_mem = '1MB'",
        "CREATE ROLE intruder",
        "ALTER DATABASE template1 SET work_mem = '1MB'",
        "ALTER ROLE ALL SET work_mem = '1MB'",
        "GRANT pg_monitor TO chopsticks_app",
        "COMMENT ON ROLE chopsticks_app IS 'mine'",
    ],
)
def test_state_that_a_test_has_spoilt_is_not_saved(deed: str, project: Project) -> None:
    assert not project.run(Source("a" * 64), deed=deed).ready


def test_what_the_owner_may_do_to_its_role_is_undone(project: Project) -> None:
    source = Source("a" * 64)
    project.run(source, deed="ALTER ROLE chopsticks_app SET work_mem = '1MB'")
    saved = SavedCluster(project.name)
    with start_server(ServerRequest(saved=saved)) as server:
        database = Database("postgres", server, role_for(server, "run"))
        with database.observe() as connection:
            query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'chopsticks_app'"
            assert connection.execute(query).fetchall() == [(None,)]
            settings = connection.execute("SELECT count(*) FROM pg_db_role_setting")
            assert settings.fetchone() == (0,)


def test_sql_files_are_told_apart_by_content(tmp_path: Path) -> None:
    file = tmp_path / "pets.sql"
    file.write_text("CREATE TABLE pets (name text)")
    before = SqlFiles(file).fingerprint
    file.write_text("CREATE TABLE pets (name varchar)")
    assert SqlFiles(file).fingerprint != before
