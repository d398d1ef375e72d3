"""Where reports go: `json:PATH`, `html:PATH`, `junit:PATH`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_chopsticks.errors import ConfigurationError

KINDS = ("json", "html", "junit")


@dataclass(frozen=True, slots=True)
class Destination:
    """One report file that the user asked for."""

    kind: str
    path: Path


def parse_destination(text: str) -> Destination:
    """Read `KIND:PATH`; raises `ConfigurationError` for an unknown kind or a missing path."""
    kind, _, path = text.partition(":")
    if kind not in KINDS or not path:
        raise ConfigurationError(
            f"--chopsticks-report={text}: not a report",
            hint=f"write KIND:PATH, where KIND is one of {', '.join(KINDS)}",
        )
    return Destination(kind, Path(path))
