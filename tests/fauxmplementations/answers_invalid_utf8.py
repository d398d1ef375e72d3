"""Answers in Latin-1."""

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    wire.write(b'{"jsonrpc": "2.0", "id": %d, "result": "caf\xe9"}\n' % request["id"])


wire.serve(lie)
