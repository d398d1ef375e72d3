"""The line that runs one test of the suite again, as it ran."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_chopsticks.implementations.implementation import DEFAULT_TIME_LIMIT_S
from pytest_chopsticks.options import DEFAULT_PROFILE, DEFAULT_SEED, Options

_SECRET = frozenset({"password", "sslpassword"})


def reproduction(options: Options, node_id: str) -> str:
    """The line; `node_id` is spelled for the directory that pytest was called in."""
    return shlex.join(["pytest", "--chopsticks-db", *_that_matter(options), node_id])


def spelled_where_called(config: pytest.Config, node_id: str) -> str:
    """A node id, which starts from pytest's root directory, for where pytest was called."""
    path, colons, rest = node_id.partition("::")
    return os.path.relpath(config.rootpath / path, config.invocation_params.dir) + colons + rest


def _that_matter(options: Options) -> Iterator[str]:
    if options.server != "auto":
        yield f"--chopsticks-server={options.server}"
    if options.pg_bin is not None:
        yield f"--chopsticks-pg-bin={options.pg_bin}"
    if options.dsn is not None and options.dsn != os.environ.get("CHOPSTICKS_DSN"):
        yield f"--chopsticks-dsn={_without_password(options.dsn)}"
    if options.time_limit != DEFAULT_TIME_LIMIT_S:
        yield f"--chopsticks-time-limit={options.time_limit:g}"
    if options.profile != DEFAULT_PROFILE:
        yield f"--chopsticks-profile={options.profile}"
    if options.seed != DEFAULT_SEED:
        yield f"--chopsticks-seed={options.seed}"


def _without_password(dsn: str) -> str:
    """Who has it comes in by PGPASSWORD or a password file."""
    try:
        parameters = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return "…"
    shown = {name: value for name, value in parameters.items() if name not in _SECRET}
    return make_conninfo("", **shown)
