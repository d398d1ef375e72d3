"""Ends before it has read anything."""

import sys

from tests.fauxmplementations import wire

wire.complain("no configuration")
sys.exit(7)
