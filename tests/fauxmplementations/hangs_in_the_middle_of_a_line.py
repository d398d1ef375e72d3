"""Stops in the middle of its answer."""

import time

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    wire.write(b'{"jsonrpc": "2.0", "id": ')
    time.sleep(600)


wire.serve(lie)
