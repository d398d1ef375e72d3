"""Finds the class that `python = "module:Class"` names, and the operations that it has."""

from __future__ import annotations

import importlib
import inspect
import sys
import typing
from contextlib import suppress
from difflib import get_close_matches
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations.captured_output import captured_output
from pytest_chopsticks.implementations.operations import OPERATIONS
from pytest_chopsticks.implementations.traceback_tail import traceback_tail

if TYPE_CHECKING:
    from types import ModuleType

    from pytest_chopsticks.implementations.implementation import Clock
    from pytest_chopsticks.implementations.target import Target


def driver_class(target: Target) -> type[Any]:
    """Import the driver's class, with the directory of `chopsticks.toml` first on `sys.path`.

    The directory stays there: drivers import more of themselves when they are called.
    """
    module_name, _, attribute = (target.python or "").partition(":")
    module = _module(target, module_name)
    try:
        found = reduce(getattr, attribute.split("."), module)
    except AttributeError:
        classes = [name for name, value in vars(module).items() if inspect.isclass(value)]
        nearest = get_close_matches(attribute, classes, n=1, cutoff=0.4)
        correction = f"Did you mean {nearest[0]}? " if nearest else ""
        raise ConfigurationError(
            f"{_where(target)}: the module {module_name} ({module.__file__}) has no {attribute}",
            hint=f"{correction}Its classes: {', '.join(sorted(classes)) or 'none'}.",
        ) from None
    if not inspect.isclass(found):
        raise ConfigurationError(
            f"{_where(target)}: {attribute} is {type(found).__name__!r}, not a class",
            hint="Name a class: the suite calls it once for every database.",
        )
    return found


def claimed_operations(target: Target, cls: type[Any]) -> frozenset[str]:
    """The operations that `cls` has, or those its attribute `operations` lists.

    `wallets.credit` is found when the class has an attribute or a property `wallets`, or only
    declares its type, and that type has a method `credit`.
    """
    listed = getattr(cls, "operations", None)
    if listed is None:
        return frozenset(name for name in OPERATIONS if _has_operation(cls, name))
    if not isinstance(listed, list | tuple | set | frozenset):
        raise ConfigurationError(
            f"{_where(target)}: operations is {type(listed).__name__!r}, not a list of names",
            hint='For example operations = ["migrate", "wallets.credit"].',
        )
    names = frozenset(str(name) for name in listed)
    for unknown in sorted(names - OPERATIONS):
        nearest = get_close_matches(unknown, OPERATIONS, n=1)
        raise ConfigurationError(
            f"{_where(target)}: operations lists {unknown!r}, which the contract does not have",
            hint=f"Did you mean {nearest[0]!r}?" if nearest else "Remove it.",
        )
    return names


def concurrency(target: Target, cls: type[Any]) -> bool:
    """The attribute `concurrent`: whether threads may share an instance; False without it."""
    value = getattr(cls, "concurrent", False)
    if not isinstance(value, bool):
        raise ConfigurationError(
            f"{_where(target)}: concurrent is {type(value).__name__!r}, not a boolean",
            hint="Write concurrent = True when several threads may call one instance at once.",
        )
    return value


def kind_of_clock(target: Target, cls: type[Any]) -> Clock:
    """The attribute `clock`: which time the operations use; "wall" without it."""
    value = getattr(cls, "clock", "wall")
    if value not in ("argument", "wall"):
        raise ConfigurationError(
            f"{_where(target)}: clock is {value!r}",
            hint='Write clock = "argument" when operations use the time they are given, or "wall".',
        )
    return cast("Clock", value)


def _module(target: Target, name: str) -> ModuleType:
    root = str(target.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    importlib.invalidate_caches()
    with captured_output() as output:
        try:
            return importlib.import_module(name)
        except (Exception, SystemExit) as error:
            missing = isinstance(error, ModuleNotFoundError) and name.startswith(error.name or "?")
            hint = (
                f"Looked in {root} and in the packages of {sys.executable}."
                if missing
                else f"Try it: cd {root} && {sys.executable} -c 'import {name}'"
            )
            raise ConfigurationError(
                f"{_where(target)}: the module {name} does not import:\n"
                f"{traceback_tail(error, output.getvalue())}",
                hint=hint,
            ) from error


def _has_operation(cls: type[Any], operation: str) -> bool:
    namespace, _, method = operation.rpartition(".")
    owner: object = _attribute_type(cls, namespace) if namespace else cls
    return callable(getattr(owner, method, None))


def _attribute_type(cls: type[Any], name: str) -> object:
    attribute = inspect.getattr_static(cls, name, None)
    if isinstance(attribute, property) or hasattr(attribute, "func"):
        return _hints(getattr(attribute, "fget", None) or attribute.func).get("return")
    return getattr(cls, name) if attribute is not None else _hints(cls).get(name)


def _hints(annotated: object) -> dict[str, Any]:
    # Annotations may name what only a type checker imports: then they tell nothing.
    with suppress(Exception):
        return typing.get_type_hints(annotated)
    return {}


def _where(target: Target) -> str:
    return f'{target.path}: python = "{target.python}"'
