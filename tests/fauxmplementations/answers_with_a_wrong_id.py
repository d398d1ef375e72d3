"""Answers with an id of its own."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send(wire.reply({"id": 4711})))
