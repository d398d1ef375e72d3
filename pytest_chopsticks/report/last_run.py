"""The report of an implementation's last run, kept for `chopsticks accept`."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_chopsticks.servers.cache import cache_directory, keep

_KIND = "runs"


def keep_report(text: str, target: Path) -> None:
    """Keep a JSON report in place of the one before; where nothing can be kept, nothing is."""
    with suppress(OSError):
        keep(text.encode(), _entry(target))


def read_report(target: Path) -> Any | None:
    """The report of the last run of the `chopsticks.toml` at a path; None if none was kept."""
    try:
        return json.loads(_entry(target).read_bytes())
    except (OSError, ValueError):
        return None


def _entry(target: Path) -> Path:
    name = hashlib.sha256(str(target.resolve()).encode()).hexdigest()[:32]
    return cache_directory(_KIND) / f"{name}.json"
