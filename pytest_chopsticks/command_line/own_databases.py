"""A server for one command, and databases on it that are gone with the command."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.servers import ORIGIN_NAMES, ServerRequest, start_server


def add_server_option(parser: argparse.ArgumentParser) -> None:
    """`--server`: where the command's Postgres comes from."""
    parser.add_argument(
        "--server",
        default="auto",
        choices=("auto", *ORIGIN_NAMES),
        help="where Postgres comes from (default: the first that works)",
    )


@contextmanager
def own_databases(origin: str = "auto", *, tcp: bool) -> Iterator[DatabaseProvider]:
    """Start a server of that origin, and lend databases on it to an ordinary role.

    `tcp` is for programs that cannot use a Unix socket. Raises what `start_server` raises.
    """
    role = Role("chopsticks_app", secrets.token_urlsafe(18))
    with (
        start_server(ServerRequest(origin=origin, tcp=tcp)) as server,
        DatabaseProvider(server, role, run=secrets.token_hex(4)) as databases,
    ):
        yield databases
