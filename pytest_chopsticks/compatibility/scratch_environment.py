"""Leads a migration that opens a connection of its own to the database it is judged on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def scratch_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set `DATABASE_URL` and its like for a while: those of the shell lead to somebody's data."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
