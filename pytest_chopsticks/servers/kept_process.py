"""Holds a kept server until no run has used it, and nobody was connected to it, for some minutes.

Run as a program, with the path of the server's facts and the request for it as JSON. It answers
with one line when the server is ready; then nothing ties it to its starter.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.kept import KeptServer, Place, connect
from pytest_chopsticks.servers.own_process import say, say_error
from pytest_chopsticks.servers.owner import Owner
from pytest_chopsticks.servers.server import Server, ServerRequest
from pytest_chopsticks.servers.start import start_server

#: Seconds between two looks at who uses the server.
LOOK = 5.0

_OTHER_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def main(place: Place, request: ServerRequest) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    assert request.keep_minutes is not None
    try:
        with start_server(replace(request, keep_minutes=None)) as server:
            kept = replace(server, kept=True, detail=f"{server.detail}, kept for later runs")
            place.write(KeptServer(kept, Owner.current()))
            say({})
            _let_go_of_starter()
            _wait_until_idle(place, kept, 60 * request.keep_minutes)
    except ServerUnavailable as error:
        say_error(error)


def _let_go_of_starter() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)


def _wait_until_idle(place: Place, server: Server, limit: float) -> None:
    """Return, with the facts removed, when the server is idle for `limit` seconds or gone."""
    last_used = time.monotonic()
    while True:
        time.sleep(min(LOOK, limit / 4))
        with place.locked(wait=False) as alone:
            if not alone or place.in_use():
                last_used = time.monotonic()
                continue
            sessions = _other_sessions(server)
            if sessions:
                last_used = time.monotonic()
            elif sessions is None or time.monotonic() - last_used > limit:
                place.forget()
                return


def _other_sessions(server: Server) -> int | None:
    """How many, or None when the server does not answer."""
    try:
        with connect(server) as connection:
            row = connection.execute(_OTHER_SESSIONS).fetchone()
    except psycopg.OperationalError:
        return None
    return int(row[0]) if row else None


def _request(wish: dict[str, Any]) -> ServerRequest:
    path = Path(wish["pg_bin"]) if wish["pg_bin"] else None
    settings = tuple((name, value) for name, value in wish["settings"])
    return ServerRequest(**{**wish, "pg_bin": path, "settings": settings})


if __name__ == "__main__":
    # The starter waits for this process's end, and has the answer from its child.
    if os.fork() == 0:
        main(Place(Path(sys.argv[1])), _request(json.loads(sys.argv[2])))
