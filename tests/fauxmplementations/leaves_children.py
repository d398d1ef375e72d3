"""Ends as it should, but what it started lives on: a child, and one in a session of its own."""

import subprocess

from tests.fauxmplementations import wire

quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
subprocess.Popen(["sleep", "600"], **quiet)  # type: ignore[call-overload]
subprocess.Popen(["/bin/sh", "-c", "setsid sleep 601 &"], **quiet)  # type: ignore[call-overload]
wire.serve(lambda request: wire.send(wire.reply(request)))
