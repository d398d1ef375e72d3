"""Ignores `shutdown` and the end of its input."""

import time

from tests.fauxmplementations import wire

wire.serve(lambda request: wire.send(wire.reply(request)))
time.sleep(600)
