"""Ends in the middle of a call."""

import sys

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    wire.complain("cannot go on")
    sys.exit(3)


wire.serve(lie)
