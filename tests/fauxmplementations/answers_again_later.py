"""Answers a call, and once more when the next one comes."""

from tests.fauxmplementations import wire

answered: list[wire.Message] = []


def lie(request: wire.Message) -> None:
    for earlier in answered:
        wire.send(wire.reply(earlier))
    answered.append(request)
    wire.send(wire.reply(request))


wire.serve(lie)
