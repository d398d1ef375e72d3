# mypy: ignore-errors
"""A project of its own, with a schema of its own."""

import pytest


@pytest.fixture(scope="session")
def chopsticks_template():
    return "pets.sql"


@pytest.fixture
def anyio_backend():
    return "asyncio"
