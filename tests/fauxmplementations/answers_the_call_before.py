"""Answers each call only when the next one comes, as if it were that one's."""

from tests.fauxmplementations import wire

waiting: list[wire.Message] = []


def lie(request: wire.Message) -> None:
    waiting.append(request)
    wire.send(wire.reply({"id": request["id"] - 1}))


wire.serve(lie)
