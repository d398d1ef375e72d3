"""The reference implementation with one more migration after the canonical ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

from .judging import Findings, Judge

_IMPLEMENTATION = """\
import reference_impl


class Implementation(reference_impl.Implementation):
    operations = ["migrate"]

    def migrate(self, migrations={directory!r}):
        return super().migrate(migrations)
"""


def judged_with(judge: Judge, file: str, text: str, areas: Iterable[str]) -> Findings:
    """What the suite says of the history that ends with this file."""
    directory = judge.directory / "migrations"
    shutil.copytree(CANONICAL_MIGRATIONS, directory, ignore=shutil.ignore_patterns("__pycache__"))
    (directory / file).write_text(text, "utf-8")
    module = judge.directory / "judged_migrations.py"
    module.write_text(_IMPLEMENTATION.format(directory=str(directory)), "utf-8")
    return judge.target(
        python="judged_migrations:Implementation", migrations=str(directory), areas=areas
    )
