"""A run's life on a server that outlives it: what it makes is known as its own, and goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_chopsticks.databases.abandoned import remove_abandoned, remove_run
from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.recovery import connected_again
from pytest_chopsticks.databases.role import Role
from pytest_chopsticks.databases.sign_of_life import sign_of_life
from pytest_chopsticks.servers.server import Server


@contextmanager
def living_run(server: Server, run: str) -> Iterator[None]:
    """Let the run live on the server, and remove all that it made; what dead runs left goes first.

    Does nothing where the server itself goes with the run.
    """
    if not server.kept:
        yield
        return
    own = Role(server.user, server.password)
    maintenance = Database(server.maintenance_database, server, own)
    with sign_of_life(maintenance, run):
        with maintenance.observe(autocommit=True) as connection:
            remove_abandoned(connection)
        try:
            yield
        finally:
            with connected_again(maintenance) as connection:
                remove_run(connection, run)
