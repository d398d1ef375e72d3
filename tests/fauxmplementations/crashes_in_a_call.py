"""Is ended by a signal in the middle of a call."""

import os
import signal

from tests.fauxmplementations import wire

wire.serve(lambda request: os.kill(os.getpid(), signal.SIGSEGV))
