"""JSON values are compared as JSON does."""

from __future__ import annotations

import pytest
from pytest_chopsticks.bundled.conformance.json_values import lost_keys, same_json


@pytest.mark.parametrize(
    ("given", "found"),
    [(1, 1.0), ([1, {"a": None}], [1, {"a": None}]), ({"a": 1, "b": 2}, {"b": 2, "a": 1})],
)
def test_the_same(given: object, found: object) -> None:
    assert same_json(given, found)


@pytest.mark.parametrize(
    ("given", "found"),
    [(True, 1), (0, False), (None, 0), ("1", 1), ([1, 2], [2, 1]), ({"a": [True]}, {"a": [1]})],
)
def test_not_the_same(given: object, found: object) -> None:
    assert not same_json(given, found)


def test_keys_may_be_added_but_not_lost() -> None:
    given = {"kept": 1, "changed": 1, "gone": None}

    assert lost_keys(given, {"kept": 1, "changed": 2, "added": 3}) == ["changed", "gone"]
