"""Pets."""

from typing import Any

import pytest

from reference_impl import Implementation
from reference_impl.pets import Pets

from .conftest import Observer
from .rejected import rejected

ROW = "SELECT user_id, pet_type, name, stats FROM user_pets"


@pytest.fixture
def pets(implementation: Implementation) -> Pets:
    return implementation.pets


def test_a_pet_comes_back_as_given(pets: Pets, observer: Observer) -> None:
    stats = {"hunger": 0.5, "xp": 2**60, "tricks": ["sit"]}

    answer = pets.adopt(user_id="1", pet_type="cat", name="Mochi", stats=stats)

    assert observer.rows("SELECT id FROM user_pets") == [(answer["id"],)]
    assert observer.rows(ROW) == [("1", "cat", "Mochi", stats)]


def test_without_stats_there_is_an_object(pets: Pets, observer: Observer) -> None:
    pets.adopt(user_id="1", pet_type="cat")

    assert observer.rows(ROW) == [("1", "cat", None, {})]


def test_an_update_replaces_what_is_given_and_moves_updated_at(
    pets: Pets, observer: Observer
) -> None:
    pet = pets.adopt(user_id="1", pet_type="cat", name="Mochi", stats={"xp": 1})["id"]
    times = "SELECT updated_at FROM user_pets"
    adopted = observer.value(times)

    pets.update(id=pet, stats={"xp": 2})
    assert observer.rows(ROW) == [("1", "cat", "Mochi", {"xp": 2})]
    updated = observer.value(times)
    pets.update(id=pet, name="Miso")
    assert observer.rows(ROW) == [("1", "cat", "Miso", {"xp": 2})]

    assert adopted < updated < observer.value(times)


@pytest.mark.parametrize("pet_id", [-1, 2**63, 2**70, "1", True, None])
def test_an_unknown_pet_is_refused(pets: Pets, pet_id: Any) -> None:
    with rejected("unknown_pet"):
        pets.update(id=pet_id, name="Miso")


@pytest.mark.parametrize("bad", [{"name": "\0"}, {"stats": {"a": "\0"}}, {"stats": []}])
def test_what_cannot_be_stored_is_refused(pets: Pets, observer: Observer, bad: Any) -> None:
    with rejected("invalid_text"):
        pets.adopt(user_id="1", pet_type="cat", **bad)

    assert observer.rows(ROW) == []
