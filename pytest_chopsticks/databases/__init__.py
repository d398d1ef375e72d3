"""Pristine databases from a running server."""

from pytest_chopsticks.databases.abandoned import kept_databases
from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.lasting_templates import lasting_templates
from pytest_chopsticks.databases.leases import ISOLATIONS, Isolation, Lease, Pool, as_isolation
from pytest_chopsticks.databases.living_run import living_run
from pytest_chopsticks.databases.provider import EMPTY, DatabaseProvider, Template
from pytest_chopsticks.databases.role import Role, role_for
from pytest_chopsticks.databases.schema_sources import (
    BuiltBy,
    SchemaSource,
    SqlFiles,
    as_schema_source,
)

__all__ = [
    "EMPTY",
    "ISOLATIONS",
    "BuiltBy",
    "Database",
    "DatabaseProvider",
    "Isolation",
    "Lease",
    "Pool",
    "Role",
    "SchemaSource",
    "SqlFiles",
    "Template",
    "as_isolation",
    "as_schema_source",
    "kept_databases",
    "lasting_templates",
    "living_run",
    "role_for",
]
