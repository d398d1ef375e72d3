"""One change: what was there, what is done to it, what must be said about it."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    before: str
    change: str
    kinds: tuple[str, ...]
    sentences: tuple[str, ...]


def case(before: str, change: str, **said: str) -> Case:
    """`said` is the name of each kind, in order, with its sentence."""
    return Case(before, change, tuple(said), tuple(said.values()))


TABLE = "CREATE TABLE t (a int, b text);"
