"""Ends in the middle of its answer."""

import sys

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    wire.write(b'{"jsonrpc": "2.0", "id": ')
    sys.exit(0)


wire.serve(lie)
