"""The report of one run, complete, before it takes any form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pytest_chopsticks.report.results import Result, Verdict, verdict_of

SPEC_VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class ImplementationFacts:
    """Who was judged, and what it claims; None is what it does not say of itself."""

    name: str
    version: str | None
    language: str | None
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """On which server."""

    origin: str
    version: str


@dataclass(frozen=True, slots=True)
class Report:
    """One run; `errors` are troubles of the suite that belong to no single requirement.

    `known_failures` are the reasons that chopsticks.toml gives, by requirement; `command` is the
    call that reproduces, up to the id of an item.
    """

    suite_version: str
    implementation: ImplementationFacts
    server: ServerFacts | None
    results: tuple[Result, ...]
    errors: tuple[str, ...]
    known_failures: Mapping[str, str]
    written: datetime

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.results, self.errors)
