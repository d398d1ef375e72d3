"""Unpacking what was downloaded or built."""

from __future__ import annotations

import subprocess
from pathlib import Path


def unpack(archive: Path, target: Path) -> None:
    """By `tar`: Python 3.11.2, which is Debian 12's, cannot be told not to trust an archive."""
    subprocess.run(["tar", "--no-same-owner", "-xf", archive, "-C", target], check=True)
