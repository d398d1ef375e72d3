"""A connection pooler in front of a server."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from pytest_chopsticks.servers import Server
from tests.user_namespace import INSTALL

#: Where Debian has it, and only root has a PATH that leads there.
ADMINISTRATORS = "/usr/sbin"


@contextmanager
def running_pooler(server: Server, mode: str) -> Iterator[str]:
    """The connection string of a PgBouncer that lets every role in."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:{ADMINISTRATORS}")
    if not program:
        pytest.fail(f"pgbouncer is missing; run as root: {INSTALL}")
    where = server.endpoint
    directory = Path(tempfile.mkdtemp(prefix="pooler-"))
    users = directory / "users"
    users.write_text(f'"{server.user}" ""\n')
    configuration = directory / "pooler.ini"
    configuration.write_text(
        f"[databases]\n* = host={where.host} port={where.port} auth_user={server.user}\n"
        f"[pgbouncer]\nunix_socket_dir = {directory}\nlisten_port = 6432\npool_mode = {mode}\n"
        f"auth_type = trust\nauth_file = {users}\n"
        "auth_query = SELECT usename, passwd FROM pg_shadow WHERE usename = $1\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    who = None
    if os.geteuid() == 0:
        who = "nobody"
        os.chown(directory, pwd.getpwnam(who).pw_uid, -1)
    process = subprocess.Popen([program, "-q", configuration], user=who, stderr=subprocess.DEVNULL)
    dsn = f"host={directory} port=6432 user={server.user} dbname=postgres"
    with process:
        try:
            _wait_until_it_answers(dsn)
            yield dsn
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(directory)


def _wait_until_it_answers(dsn: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            psycopg.connect(dsn).close()
            return
        time.sleep(0.05)
