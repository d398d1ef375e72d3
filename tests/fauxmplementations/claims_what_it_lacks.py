"""Claims an operation, and then does not know it."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send(wire.error(request, "Method not found", -32601)))
