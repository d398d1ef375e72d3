"""The requirements that mutants are held against: expanded where the document says over what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from conformance.subjects import is_about_files
from pytest_chopsticks.collection import expand, families

_PLACEHOLDER = re.compile(r"<[a-z]+>")


@cache
def requirement_ids() -> tuple[str, ...]:
    """Every requirement, in the order of the suite; those about files once, with `<version>`."""
    return tuple(_ids())


@cache
def spelled_in_the_suite(id_: str) -> str:
    """`migrations.recorded.20260214_000000` is `migrations.recorded.<version>`."""
    for family_id, pattern in _about_files():
        if pattern.fullmatch(id_):
            return family_id
    return id_


def _ids() -> Iterator[str]:
    for family in families():
        if family.each is None or is_about_files(family.each):
            yield family.id
        else:
            yield from (requirement.id for _, _, requirement in expand(family, None))


@cache
def _about_files() -> tuple[tuple[str, re.Pattern[str]], ...]:
    ids = [one.id for one in families() if one.each is not None and is_about_files(one.each)]
    return tuple((id_, re.compile(_any_subject(id_))) for id_ in ids)


def _any_subject(family_id: str) -> str:
    return ".+".join(map(re.escape, _PLACEHOLDER.split(family_id)))
