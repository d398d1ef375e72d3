"""Never answers `initialize`."""

import time

from tests.fauxmplementations import wire

wire.complain("connecting")
time.sleep(600)
