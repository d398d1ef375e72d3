"""Ends in the middle of a call, and leaves its standard output to a child that lives on."""

import subprocess
import sys

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    subprocess.Popen(["sleep", "600"])
    sys.exit(3)


wire.serve(lie)
