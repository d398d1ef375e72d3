"""The reference page of the operations, written from them."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_chopsticks.implementations.operations.catalogue import CATALOGUE
from pytest_chopsticks.implementations.operations.operation import Operation

_HEAD = """\
<!-- Written by `python -m pytest_chopsticks.implementations.operations.generate`: do not edit. -->

# Operations

An implementation claims the operations it has, and is judged on what needs them. Arguments go in
by name; a `?` marks one that may be left out. A refusal is a *rejection*: an error with one of the
names below in `data.rejection`, or with the database's SQLSTATE of class 22 or 23 in
`data.sqlstate`. Any other error is a fault. That something is rejected is a MUST; that it is by the
agreed name, not by an SQLSTATE alone, a SHOULD.

A JSON-RPC driver gets each as a request, one line on its standard input, and answers with one line:

```json
{"jsonrpc": "2.0", "id": 7, "method": "wallets.credit", "params": {"user_id": "1", "amount": 5, …}}
{"jsonrpc": "2.0", "id": 7, "result": null}
{"jsonrpc": "2.0", "id": 7, "error": {"code": 1, "message": "…", "data": {"rejection": "overflow"}}}
```

Before them comes `initialize {protocol: 1, database: {url, host, port, user, password, dbname},
token_keys: [{id, key}]}`, answered by `{name, version, language, homepage, issues, operations,
concurrent, clock}`, and after them `shutdown`. Of the token keys, 64 hex digits each, the first is
the one to encrypt with; there may be none. Integers outside ±(2^53-1) travel as decimal
strings, and either form may be answered. An in-process Python driver has a method for each:
`wallets.credit` is `credit(…)` on its attribute `wallets`.

The JSON Schema of each message is in `pytest_chopsticks/implementations/schemas/`, the Python
Protocols are in `pytest_chopsticks.implementations.protocol`.
"""


def render_page() -> str:
    """The page, as Markdown."""
    return "\n".join([_HEAD, *("\n".join(_section(operation)) for operation in CATALOGUE)])


def _section(operation: Operation) -> Iterator[str]:
    yield f"## {operation.name}\n"
    yield f"{operation.summary} {operation.notes}".rstrip() + "\n"
    if operation.arguments:
        yield "| argument | type | |\n|---|---|---|"
        for argument in operation.arguments:
            name = f"`{argument.name}`{'?' if argument.optional else ''}"
            yield f"| {name} | {argument.type.name} | {argument.description} |"
        yield ""
    if operation.result:
        yield "| answer | type | |\n|---|---|---|"
        for field in operation.result:
            yield f"| `{field.name}` | {field.type.name} | {field.description} |"
        yield ""
    if operation.rejections:
        yield f"Rejections: {', '.join(f'`{name}`' for name in operation.rejections)}.\n"
