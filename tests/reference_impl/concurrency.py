"""Calls at the same time, and operations held up where a test wants them."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from reference_impl.rejections import Rejection


def answers(calls: Sequence[Callable[[], object]], threads: int = 8) -> list[object]:
    """What each call answered, a rejection being its name; a fault is raised."""
    with ThreadPoolExecutor(threads) as executor:
        return list(executor.map(_answer, calls))


def _answer(call: Callable[[], object]) -> object:
    try:
        return call()
    except Rejection as rejection:
        return rejection.rejection


@contextmanager
def locked(dsn: str, *tables: str) -> Iterator[None]:
    """Hold these tables against everyone else."""
    with psycopg.connect(dsn) as connection:
        connection.execute(f"LOCK TABLE {', '.join(tables)}".encode())
        yield
        connection.rollback()


def terminate_who_waits(dsn: str) -> None:
    """End the session of an operation that waits for a lock, once there is one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchall():
            time.sleep(0.005)
