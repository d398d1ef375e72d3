"""Pristine databases from a running server."""

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.provider import DatabaseProvider, Template
from pytest_chopsticks.databases.role import Role
from pytest_chopsticks.databases.schema_sources import SchemaSource, SqlFiles, as_schema_source

__all__ = [
    "Database",
    "DatabaseProvider",
    "Role",
    "SchemaSource",
    "SqlFiles",
    "Template",
    "as_schema_source",
]
