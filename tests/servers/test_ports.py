"""A reserved port is free for the server alone."""

from __future__ import annotations

import socket
import sys

import pytest

from pytest_chopsticks.servers.ports import LOOPBACK, reserved_port


def test_server_can_bind_it() -> None:
    """Postgres sets SO_REUSEADDR."""
    with reserved_port() as port, socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOOPBACK, port))
        server.listen()


if sys.platform == "linux":

    def test_another_program_cannot_bind_it() -> None:
        with (
            reserved_port() as port,
            socket.socket() as other,
            pytest.raises(OSError, match="Address already in use"),
        ):
            other.bind((LOOPBACK, port))
