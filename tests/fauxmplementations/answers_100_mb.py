"""Answers with 100 MB."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send(wire.reply(request, "x" * 100_000_000)))
