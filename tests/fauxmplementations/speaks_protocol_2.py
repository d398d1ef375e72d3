"""Speaks another version of the protocol."""

from tests.fauxmplementations import wire

wire.serve(lambda request: None, protocol=2)
