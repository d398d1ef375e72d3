# mypy: ignore-errors
import pytest


def build(database):
    with database.connect() as connection:
        connection.execute("CREATE TABLE built_by AS SELECT 'function' AS what")


@pytest.fixture(scope="session")
def chopsticks_template():
    return build
