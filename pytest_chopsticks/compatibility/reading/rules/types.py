"""Enums, domains, composite types and sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.reading.context import MovesSequence, NotAnalysed
from pytest_chopsticks.compatibility.reading.naming import dotted, relation_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark


def alter_enum(node: Any, context: Context) -> Iterator[Remark]:
    enum = dotted(node.type_name)
    if node.old_val:
        what = (
            f"label '{node.old_val}' of {enum} becomes '{node.new_val}': old writers of "
            f"'{node.old_val}' fail, old readers meet '{node.new_val}'"
        )
        yield from context.claim("enum-label-renamed", enum, what, table=enum)
    else:
        what = f"new label '{node.new_val}' of {enum}: old readers may meet it"
        yield from context.claim("enum-label-added", enum, what, table=enum)


_DOMAIN = {
    "T": "its default changes",
    "N": "it accepts NULL: old readers do not expect it",
    "O": "it refuses NULL: old writers may send it",
    "C": "a new constraint refuses values that old writers may send",
    "X": "a constraint is dropped: old readers may meet what it kept out",
}


def alter_domain(node: Any, context: Context) -> Iterator[Remark]:
    domain = dotted(node.type_name)
    if node.subtype == "V":
        return
    if node.subtype not in _DOMAIN:
        yield NotAnalysed(f"what ALTER DOMAIN {domain} changes")
        return
    what = f"domain {domain} changes: {_DOMAIN[node.subtype]}"
    yield from context.claim("domain-changed", domain, what, table=domain)
    definition = getattr(node, "def").constraint
    if node.subtype == "O" or (node.subtype == "C" and not definition.skip_validation):
        scan = f"every table with a column of {domain} is read under a lock"
        yield from context.claim("scan-under-lock", domain, scan, table=domain)


def alter_type(node: Any, context: Context) -> Iterator[Remark]:
    name = dotted(node.type_name)
    what = f"type {name} is altered"
    yield from context.claim("type-changed", name, what, table=name)


def create_sequence(node: Any, _context: Context) -> Iterator[Remark]:
    """It harms nobody, but for numbers that are taken where a column draws from it."""
    if any(option.def_elem.defname == "owned_by" for option in node.options):
        yield MovesSequence()


def alter_sequence(node: Any, context: Context) -> Iterator[Remark]:
    name = relation_name(node.sequence)
    yield MovesSequence()
    changed = {option.def_elem.defname for option in node.options} - {"owned_by"}
    if changed:
        what = f"sequence {name} changes {', '.join(sorted(changed))}: old INSERTs draw from it"
        place = node.sequence.location
        yield from context.claim("sequence-changed", name, what, place, table=name)
