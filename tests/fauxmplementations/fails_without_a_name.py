"""Answers with an error that names no rejection."""

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    wire.complain("TypeError: x is not a function")
    wire.send(wire.error(request, "x is not a function", sqlstate="42P01"))


wire.serve(lie)
