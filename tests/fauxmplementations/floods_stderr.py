"""Writes 50 MB to standard error with each call."""

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    for _ in range(500):
        wire.complain("x" * 99_999)
    wire.complain("the last line")
    wire.send(wire.reply(request))


wire.serve(lie)
