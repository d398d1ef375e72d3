"""Answers with a list of one reply, as to a batch."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send([wire.reply(request)]))
