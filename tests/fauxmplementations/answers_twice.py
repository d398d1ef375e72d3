"""Answers each call twice."""

import json

from tests.fauxmplementations import wire


def lie(request: wire.Message) -> None:
    line = json.dumps(wire.reply(request)).encode() + b"\n"
    wire.write(line + line)


wire.serve(lie)
