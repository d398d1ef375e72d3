"""Compares JSON values as JSON does: true is not 1, and 1 is 1.0."""

from __future__ import annotations

from collections.abc import Mapping

_NOTHING = object()


def same_json(given: object, found: object) -> bool:
    """Whether two values are the same JSON."""
    if isinstance(given, Mapping) and isinstance(found, Mapping):
        return given.keys() == found.keys() and all(same_json(given[k], found[k]) for k in given)
    if isinstance(given, list | tuple) and isinstance(found, list | tuple):
        return len(given) == len(found) and all(map(same_json, given, found))
    if isinstance(given, bool) or isinstance(found, bool):
        return given is found
    return given == found


def lost_keys(given: Mapping[str, object], found: object) -> list[str]:
    """The keys of an object that did not come back equal; others may have been added."""
    there = found if isinstance(found, Mapping) else {}
    return [key for key in given if not same_json(given[key], there.get(key, _NOTHING))]
