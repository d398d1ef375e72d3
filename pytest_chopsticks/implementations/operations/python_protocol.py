"""The Python Protocols of in-process drivers, written from the operations."""

from __future__ import annotations

import builtins
import textwrap
from collections.abc import Iterable

from pytest_chopsticks.implementations.operations.catalogue import CATALOGUE
from pytest_chopsticks.implementations.operations.operation import Argument, Operation

_WIDTH = 92
_HEAD = '''"""What an in-process driver looks like to a type checker.

Written by `python -m pytest_chopsticks.implementations.operations.generate`: do not edit.

A driver is a class that is made by `Driver(database=…, token_keys=…)`, has the operations that it
claims, and raises `Rejected(name)` to refuse one. Arguments are passed by name. Implement the
Protocols of what you claim: one attribute for each namespace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
'''


def render_protocol() -> str:
    """The module `protocol.py`, as `ruff format` leaves it."""
    namespaces: dict[str, list[Operation]] = {}
    for operation in CATALOGUE:
        namespaces.setdefault(operation.namespace, []).append(operation)
    classes = [
        _protocol(name.title() or "Schema", "".join(map(_method, operations)))
        for name, operations in namespaces.items()
    ]
    everything = "".join(map(_attribute, filter(None, namespaces)))
    classes.append(
        "class AllOperations(Schema, Protocol):\n"
        f'    """A driver that claims every operation of the contract."""\n{everything}'
    )
    return "\n\n".join([_HEAD, *classes])


def _protocol(name: str, body: str) -> str:
    return f"class {name}(Protocol):{body}"


def _attribute(namespace: str) -> str:
    return f"\n    @property\n    def {namespace}(self) -> {namespace.title()}: ...\n"


def _method(operation: Operation) -> str:
    parameters = "".join(
        f"        {_parameter(argument)},{_noqa(argument)}\n" for argument in operation.arguments
    )
    inner = f"\n        self,\n{parameters}    " if parameters else "self"
    return (
        f"\n    def {operation.method}({inner}) -> {_result(operation)}:\n"
        + textwrap.indent("\n".join(_docstring(operation)), " " * 8)
        + "\n"
    )


def _parameter(argument: Argument) -> str:
    if argument.optional:
        return f"{argument.name}: {argument.type.annotation} | None = None"
    return f"{argument.name}: {argument.type.annotation}"


def _noqa(argument: Argument) -> str:
    return "  # noqa: A002" if argument.name in dir(builtins) else ""


def _result(operation: Operation) -> str:
    annotations = {field.type.annotation for field in operation.result}
    if not annotations:
        return "object"
    return f"Mapping[str, {annotations.pop() if len(annotations) == 1 else 'object'}]"


def _docstring(operation: Operation) -> Iterable[str]:
    paragraphs = [operation.summary]
    if operation.result:
        fields = "; ".join(f"`{field.name}`: {field.description}" for field in operation.result)
        paragraphs.append(f"Answers {fields}.")
    if operation.rejections:
        paragraphs.append(f"Rejections: {', '.join(operation.rejections)}.")
    if len(paragraphs) == 1:
        return [f'"""{paragraphs[0]}"""']
    wrapped = (textwrap.wrap(paragraph, _WIDTH) for paragraph in paragraphs[1:])
    lines = [line for paragraph in wrapped for line in ("", *paragraph)]
    return [f'"""{paragraphs[0]}', *lines, '"""']
