"""Where a Postgres comes from: one file per origin, one way to start it."""

from pytest_chopsticks.servers.kept import stop_kept_servers
from pytest_chopsticks.servers.origin import Origin, Startable, Unavailable
from pytest_chopsticks.servers.server import (
    DEFAULT_IMAGE,
    Endpoint,
    SavedCluster,
    Server,
    ServerRequest,
)
from pytest_chopsticks.servers.start import ORIGIN_NAMES, start_server

__all__ = [
    "DEFAULT_IMAGE",
    "ORIGIN_NAMES",
    "Endpoint",
    "Origin",
    "SavedCluster",
    "Server",
    "ServerRequest",
    "Startable",
    "Unavailable",
    "start_server",
    "stop_kept_servers",
]
