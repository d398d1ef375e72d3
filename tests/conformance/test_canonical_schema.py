"""The canonical schema as data is the document's, and so is what the reference and its hash say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from conformance.canonical_ddl import create_statements
from conformance.canonical_schema import TABLES
from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS
from pytest_chopsticks.catalog import canonical_form, differences, schema_hash, take_snapshot
from pytest_chopsticks.catalog.changes import IndexAdded
from pytest_chopsticks.databases import Database, DatabaseProvider, Role
from pytest_chopsticks.servers import Server
from reference_impl import Implementation
from tests.catalog.ddl import canonical_ddl

#: "INDEX on …" of sections 2 and 3 has no SQL in the document.
IN_PROSE = {"agent_bots (pool_id)", "agent_pools (owner_user_id)", "agent_pools (visibility)"}


@pytest.fixture(scope="module")
def provider(all_postgres: Mapping[int, Server]) -> Iterator[DatabaseProvider]:
    role = Role("chopsticks_app", "a password")
    with DatabaseProvider(all_postgres[18], role, run="canonical") as provider:
        yield provider


@pytest.fixture
def database(provider: DatabaseProvider) -> Iterator[Database]:
    with provider.empty() as database:
        yield database


@pytest.fixture
def other(provider: DatabaseProvider) -> Iterator[Database]:
    with provider.empty() as database:
        yield database


def test_the_data_is_what_the_document_says(database: Database, other: Database) -> None:
    with database.connect() as document, other.connect() as data:
        document.execute(canonical_ddl().encode())
        for statement in create_statements(TABLES):
            data.execute(statement.encode())
        found = differences(take_snapshot(document), take_snapshot(data))

    assert all(isinstance(change, IndexAdded) for change in found), found
    assert {f"{change.table} {change.index}" for change in found} == IN_PROSE  # type: ignore[attr-defined]


def test_the_reference_and_the_catalog_agree_on_the_hash(database: Database) -> None:
    """Two independent implementations of one canonical form."""
    reference = Implementation(database)
    reference.migrate(str(CANONICAL_MIGRATIONS))

    with database.connect() as connection:
        snapshot = take_snapshot(connection)

    assert reference.verify_schema() == {"hash": schema_hash(snapshot)}
    stored = Path(CANONICAL_MIGRATIONS.parent / "reference_impl/schema_1_0_0.txt")
    assert canonical_form(snapshot) == stored.read_text("utf-8").rstrip("\n")
