"""Every correct schema on which the suite has to stay silent."""

from __future__ import annotations

from .correct_columns import column_variants
from .correct_constraints import constraint_variants
from .correct_surroundings import surrounding_variants
from .correct_variant import CorrectVariant

CORRECT_VARIANTS: tuple[CorrectVariant, ...] = (
    *column_variants(),
    *constraint_variants(),
    *surrounding_variants(),
)
