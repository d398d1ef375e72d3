"""Answers with a text where the contract has an object."""

from tests.fauxmplementations import wire

wire.serve(
    lambda request: wire.send(wire.reply(request, {"rev": "first"})),
    lambda request: request["method"] == "settings.save",
)
