"""Makes a text of the id."""

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send(wire.reply({"id": str(request["id"])})))
