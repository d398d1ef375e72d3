"""The quickest way in which a server can copy a database's files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from pytest_chopsticks.servers.server import Server

_STRATEGY_SINCE = 150000
_CLONE_SINCE = 180000


def copy_strategy(server: Server) -> str:
    """The clause of CREATE DATABASE that has files copied, rather than each page logged.

    Without durability that takes half the time or less.
    """
    return " STRATEGY file_copy" if server.version_num >= _STRATEGY_SINCE else ""


def let_files_be_cloned(connection: psycopg.Connection[Any], server: Server) -> None:
    """Have the file system copy files, where it can: some only note that they are alike."""
    if server.version_num < _CLONE_SINCE or server.data_directory is None:
        return
    if _can_clone(server.data_directory.parent):
        try:
            connection.execute("SET file_copy_method = clone")
        except psycopg.errors.InvalidParameterValue:
            return  # The server was built without it.


def _can_clone(directory: Path) -> bool:
    """Whether the call that PostgreSQL uses works here; only Linux has it."""
    if not hasattr(os, "copy_file_range"):
        return False
    try:
        with (
            tempfile.TemporaryFile(dir=directory) as source,
            tempfile.TemporaryFile(dir=directory) as target,
        ):
            source.write(b"content")
            source.flush()
            return os.copy_file_range(source.fileno(), target.fileno(), 7, 0) == 7
    except OSError:
        return False
