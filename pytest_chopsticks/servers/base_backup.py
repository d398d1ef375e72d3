"""A base backup of a durable server, and the server that it becomes at a later restore point."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.account import Account
from pytest_chopsticks.servers.durable import DurableServer, kept_directory, started
from pytest_chopsticks.servers.run_directory import RunDirectory

#: Of these directories only the names are copied, as pg_basebackup does.
_LEFT_EMPTY = frozenset(
    {
        "pg_wal",
        "pg_dynshmem",
        "pg_notify",
        "pg_replslot",
        "pg_serial",
        "pg_snapshots",
        "pg_stat_tmp",
        "pg_subtrans",
        "pgsql_tmp",
    }
)
_LEFT_OUT = frozenset({"postmaster.pid", "postmaster.opts", "pg_internal.init"})

# The archive is not waited for: the server would sleep a second, and `archive_log` comes anyway.
_FUNCTIONS = (
    b"SELECT pg_backup_start('chopsticks', true)",
    b"SELECT labelfile FROM pg_backup_stop(false)",
)
_FUNCTIONS_BEFORE = (
    b"SELECT pg_start_backup('chopsticks', true, false)",
    b"SELECT labelfile FROM pg_stop_backup(false, false)",
)
_RENAMED_SINCE = 150000
_PATIENCE_S = 60.0
_LOOK_S = 0.005


@dataclass(frozen=True, slots=True)
class BaseBackup:
    """The files of a server as they were copied, not yet consistent without its archived log."""

    _server: DurableServer
    _kept: RunDirectory

    @contextmanager
    def restored_to(self, restore_point: str) -> Iterator[DurableServer]:
        """The server at a named point, once; `archive_log` has to come before.

        Raises `ServerUnavailable` when the archived log does not lead there.
        """
        archive = shlex.quote(f"{self._server.wal_archive}/").replace("%", "%%")
        settings = {
            **dict(self._server.launch.request.settings),
            "archive_mode": "off",
            # Otherwise it would be ready as soon as it can be read from, short of the point.
            "hot_standby": "off",
            "restore_command": f"cp {archive}%f %p",
            "recovery_target_name": restore_point,
            "recovery_target_action": "promote",
        }
        (self._kept.data / "recovery.signal").touch()
        _give(self._kept.data, self._server.launch.account)
        with started(DurableServer(self._server.launch, self._kept, settings)) as restored:
            yield restored


@contextmanager
def base_backup(server: DurableServer, connection: psycopg.Connection[Any]) -> Iterator[BaseBackup]:
    """Copy a server's files while it runs; `connection` is a superuser's, in autocommit mode."""
    launch = server.launch
    renamed = connection.info.server_version >= _RENAMED_SINCE
    begin, end = _FUNCTIONS if renamed else _FUNCTIONS_BEFORE
    with kept_directory(launch.root, launch.account) as kept:
        connection.execute(begin)
        assert server.server.data_directory
        shutil.copytree(
            server.server.data_directory, kept.data, ignore=_left_out, dirs_exist_ok=True
        )
        row = connection.execute(end).fetchone()
        (kept.data / "backup_label").write_text(row[0] if row else "")
        yield BaseBackup(server, kept)


def archive_log(server: DurableServer, connection: psycopg.Connection[Any]) -> None:
    """Return when all of the log that there is now is in the archive."""
    # Of a segment that is empty as yet, the switch would make nothing to archive.
    connection.execute("SELECT pg_logical_emit_message(false, 'chopsticks', 'archived')")
    row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    segment = server.wal_archive / (row[0] if row else "")
    deadline = time.monotonic() + _PATIENCE_S
    while not segment.exists():
        if time.monotonic() > deadline:
            raise ServerUnavailable(f"{segment.name} was not archived in {_PATIENCE_S:.0f} s.")
        time.sleep(_LOOK_S)


def _left_out(directory: str, names: Sequence[str]) -> set[str]:
    if Path(directory).name in _LEFT_EMPTY:
        return set(names)
    return set(_LEFT_OUT.intersection(names))


def _give(directory: Path, account: Account | None) -> None:
    if account is None:
        return
    for parent, _, files in os.walk(directory):
        for name in (".", *files):
            os.chown(Path(parent, name), account.uid, account.gid)
