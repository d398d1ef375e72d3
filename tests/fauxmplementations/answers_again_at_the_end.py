"""Answers `initialize` once more when it is asked to end."""

from tests.fauxmplementations import wire

wire.serve(lambda request: None)
wire.send(wire.reply({"id": 1}))
