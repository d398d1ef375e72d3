"""Answers `initialize` with an error."""

from tests.fauxmplementations import wire

for request in wire.requests():
    wire.complain("ECONNREFUSED")
    wire.send(wire.error(request, "no connection to the database"))
