"""Options in parentheses, such as those of VACUUM and EXPLAIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_on(options: Iterable[Any], name: str) -> bool:
    """Whether an option such as FULL is on: given without a value, or with a true one."""
    for option in options:
        element = option.def_elem
        if element.defname == name:
            value = element.arg.string.sval.lower() if element.HasField("arg") else "on"
            number = element.arg.integer.ival if element.arg.HasField("integer") else 1
            return value not in ("off", "false") and number != 0
    return False
