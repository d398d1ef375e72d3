"""Never answers a call, and does not end when it is asked to."""

import signal
import time

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    wire.complain("waiting for a lock")
    time.sleep(600)


wire.serve(lie)
