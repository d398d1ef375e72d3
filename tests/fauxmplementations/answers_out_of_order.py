"""Is concurrent, collects three requests, and answers the last of them first."""

from tests.fauxmplementations import wire

waiting: list[wire.Message] = []


def lie(request: wire.Message) -> None:
    waiting.insert(0, request)
    if len(waiting) == 3:
        for late in waiting:
            wire.send(wire.reply(late, {"rev": late["params"]["expected_rev"]}))
        waiting.clear()


wire.serve(lie, lambda request: request["method"] == "settings.save", concurrent=True)
