"""Loopback ports that two starts never fight over."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port chosen by the kernel, and given to nobody else inside the context.

    It stays bound here without listening. Linux lets Postgres bind it as well, since both set
    SO_REUSEADDR, but chooses it for no other socket. Elsewhere it can only be let go in time, and
    a server that finds it taken is started again.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((LOOPBACK, 0))
        port: int = holder.getsockname()[1]
        if sys.platform != "linux":
            holder.close()
        yield port
