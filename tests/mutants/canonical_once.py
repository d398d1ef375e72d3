"""The document's own schema on the server of the judgements, made once for all of them.

Every judgement compares with it and none changes it; made anew each time, it takes as much of the
server as the schema that is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conformance.fixtures import create_canonical
from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.servers import Server


class CanonicalOnce:
    """A plugin of pytest that answers for the suite's fixtures of these names."""

    def __init__(self, values: dict[str, object]) -> None:
        self._values = values

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: Any
    ) -> object | None:
        value = self._values.get(fixturedef.argname)
        if value is not None:
            fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value


@contextmanager
def canonical_once(server: Server) -> Iterator[CanonicalOnce]:
    """Have the schema on a server, owned by an ordinary role as in a run of the suite."""
    role = Role("canonical_owner", "canonical")
    with DatabaseProvider(server, role, run="canonical") as databases, databases.empty() as made:
        create_canonical(made)
        with made.observe() as connection:
            snapshot = take_snapshot(connection)
        yield CanonicalOnce({"canonical": made, "canonical_snapshot": snapshot})
