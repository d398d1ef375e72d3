"""What shapes the schema that a target migrates to, as far as it can be known."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.databases.fingerprints import digest, digest_of_files, files_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.implementations.target import Target

#: More files of a program than this are not looked at: then nothing is known.
MOST_FILES = 5_000

#: What programs are written in, and what says which libraries they use.
_CODE = frozenset(
    {".cfg", ".cjs", ".cs", ".ex", ".exs", ".go", ".ini", ".java", ".js", ".kt", ".lock", ".mjs"}
    | {".php", ".py", ".rb", ".rs", ".sql", ".toml", ".ts", ".tsx"}
)
_MANIFESTS = frozenset({"package.json", "package-lock.json", "pnpm-lock.yaml"})
_NOT_OURS = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


def inputs_of(target: Target) -> str | None:
    """The digest of a target's file, migrations, program and libraries; None if not all are known.

    They are known for a `migrate` command whose `migrations` are given, and for a Python class.
    """
    if not (target.migrate and target.migrations) and not (target.python and not target.migrate):
        return None
    programs = [target.root, *_package_directories(target)]
    facts = list(_facts_of_code(programs))
    if len(facts) > MOST_FILES:
        return None
    files = [target.path] if target.path.exists() else []
    files += files_below(target.migrations) if target.migrations else []
    return digest(digest_of_files(files), repr(facts), repr(list(_interpreter())))


def _package_directories(target: Target) -> Iterator[Path]:
    """Where the class's package is, when it is not below the target's directory."""
    if target.python is None:
        return
    name = target.python.partition(":")[0]
    spec = find_spec(name)
    if spec is None:
        return
    for location in spec.submodule_search_locations or [spec.origin or "."]:
        path = Path(location).resolve()
        directory = path if path.is_dir() else path.parent
        if not directory.is_relative_to(target.root.resolve()):
            yield directory


def _facts_of_code(roots: list[Path]) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of change of every file of code, up to one more than is looked at."""
    left = MOST_FILES + 1
    for root in roots:
        for directory, below, names in os.walk(root):
            below[:] = sorted(name for name in below if _is_ours(name))
            for name in sorted(names):
                path = Path(directory, name)
                if path.suffix in _CODE or name in _MANIFESTS:
                    facts = path.lstat()
                    yield str(path), facts.st_size, facts.st_mtime_ns
                    left -= 1
                    if not left:
                        return


def _is_ours(name: str) -> bool:
    return name not in _NOT_OURS and not name.startswith(".")


def _interpreter() -> Iterator[object]:
    """The directories of libraries change when one is installed, upgraded or removed."""
    yield sys.version
    for entry in sys.path:
        path = Path(entry)
        if path.name == "site-packages" and path.is_dir():
            yield entry, path.stat().st_mtime_ns
