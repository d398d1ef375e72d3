"""Leaves the id out."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send({"jsonrpc": "2.0", "result": None}))
