"""Functions that a query calls: the server's own, those read before, and those nobody has read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import postgast

from pytest_chopsticks.compatibility.reading.context import MovesSequence, NotAnalysed
from pytest_chopsticks.compatibility.reading.functions import ACTING, is_built_in
from pytest_chopsticks.compatibility.reading.naming import function_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark


def called_functions(node: Any, context: Context) -> Iterator[Remark]:
    for _, inner in postgast.walk(node):
        if inner.DESCRIPTOR.name == "FuncCall":
            yield from call(function_name(inner), context)


def call(name: str, context: Context) -> Iterator[Remark]:
    """What calling the routine does: what its body was read to do."""
    scope = context.scope
    if name in scope.routines:
        yield from scope.routines[name]
    elif name in ACTING:
        if name == "setval":
            yield MovesSequence()
        yield NotAnalysed(f"what {name}() does: {ACTING[name]}")
    elif not is_built_in(name) and name not in scope.running:
        yield NotAnalysed(f"what {name}() does, which is not defined here")
