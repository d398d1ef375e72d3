"""Nothing that a driver started may outlive its test."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.implementations.marked_processes import running


@pytest.fixture
def mark() -> Iterator[str]:
    """A value in the environment of the driver and of all that it starts; nothing may have it."""
    value = uuid4().hex
    yield value
    assert not running(value)
