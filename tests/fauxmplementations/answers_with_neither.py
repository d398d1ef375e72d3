"""Answers with neither a result nor an error."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send({"jsonrpc": "2.0", "id": request["id"], "ok": True}))
