"""Broken variants of the reference that any server can show; an area plugs in by a line here."""

from __future__ import annotations

from . import (
    agents_mutants,
    guard_mutants,
    items_mutants,
    records_mutants,
    settings_mutants,
    streaks_mutants,
    text_mutants,
    time_mutants,
    tokens_mutants,
)
from .reference_variant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *tokens_mutants.MUTANTS,
    *settings_mutants.MUTANTS,
    *agents_mutants.MUTANTS,
    *records_mutants.MUTANTS,
    *time_mutants.MUTANTS,
    *items_mutants.MUTANTS,
    *streaks_mutants.MUTANTS,
    *text_mutants.MUTANTS,
    *guard_mutants.MUTANTS,
)
