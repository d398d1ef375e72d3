# mypy: ignore-errors
import pytest

from pytest_chopsticks import Command

BUILD = """python -c "
import os, psycopg
with psycopg.connect(os.environ['DATABASE_URL']) as connection:
    connection.execute('CREATE TABLE built_by (what text)')
    connection.execute('INSERT INTO built_by VALUES (chr(99))')
" """


@pytest.fixture(scope="session")
def chopsticks_template():
    return Command(BUILD)
