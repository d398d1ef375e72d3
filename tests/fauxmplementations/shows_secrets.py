"""Shows the password, the token keys and the token in every way it has."""

from tests.fauxmplementations import wire

secrets: list[str] = []


def lie(request: wire.Message) -> None:
    shown = f"{secrets} {request['params']}"
    wire.complain(shown)
    wire.send(wire.error(request, shown))


for request in wire.requests():
    if request["method"] == "initialize":
        params = request["params"]
        secrets += [params["database"]["password"], params["database"]["url"]]
        secrets += [key["key"] for key in params["token_keys"]]
        wire.send(wire.reply(request, wire.HANDSHAKE))
    elif request["method"] == "shutdown":
        break
    else:
        lie(request)
