"""Who wants the fixtures alone does not wait for what judges implementations and migrations."""

from __future__ import annotations

import pytest

from tests.plugin.scratch import Scratch

#: What takes longest to import of all that the package depends on.
HEAVY = ("alembic", "cryptography", "hypothesis", "jinja2", "postgast", "sqlglot", "testcontainers")

USES_THE_FIXTURES = f"""
    import sys
    import pytest

    @pytest.fixture(scope="session")
    def chopsticks_template():
        return "pets.sql"

    def test_it(chopsticks_conn):
        chopsticks_conn.execute("INSERT INTO pets VALUES ('Rex')")
        assert not set(sys.modules) & set({HEAVY})
"""


@pytest.mark.parametrize("isolation", ["recycle", "clone", "rollback"])
def test_nothing_heavy_is_imported_for_the_fixtures(isolation: str, scratch: Scratch) -> None:
    scratch.write("pets.sql", "CREATE TABLE pets (name text)")
    scratch.write("test_it.py", USES_THE_FIXTURES)
    without = ("-p", "no:hypothesispytest", f"--chopsticks-isolation={isolation}")
    outcome = scratch.pytest("--chopsticks-db", *without)
    assert "1 passed" in outcome.output, outcome.output
