"""Scratch repositories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.scratch import Scratch, cluster_cache, scratch_in

#: A project that is tested elsewhere.
collect_ignore = ["fixture_suite"]


@pytest.fixture(scope="session")
def clusters() -> Iterator[Path]:
    """The cache that all runs of the session share."""
    with cluster_cache() as clusters:
        yield clusters


@pytest.fixture
def scratch(tmp_path: Path, clusters: Path) -> Iterator[Scratch]:
    with scratch_in(tmp_path, clusters) as scratch:
        yield scratch
