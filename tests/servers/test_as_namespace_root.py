"""What is tested as root, tested as root of a user namespace. Collected for other users alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.user_namespace import as_root

ROOTS_OWN = Path(__file__).with_name("test_as_root.py")


def test_all_that_is_roots_own() -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    run = subprocess.run(
        [*as_root(), sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ROOTS_OWN],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stdout
