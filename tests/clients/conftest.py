"""A scratch repository for the suites of real clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.scratch import Scratch, cluster_cache, scratch_in


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    with cluster_cache() as clusters, scratch_in(tmp_path, clusters) as scratch:
        yield scratch
