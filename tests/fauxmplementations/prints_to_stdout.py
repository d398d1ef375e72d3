"""Logs to standard output, which is the protocol's."""

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    wire.write(b"crediting the wallet\n")
    wire.send(wire.reply(request))


wire.serve(lie)
