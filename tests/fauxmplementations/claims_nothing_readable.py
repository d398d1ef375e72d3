"""Answers `initialize` with operations that are no list."""

from tests.fauxmplementations import wire

wire.serve(lambda request: None, operations="all")
