"""`chopsticks init`: a commented chopsticks.toml for the repository, and a driver on request."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from pytest_chopsticks.command_line.init_driver import SKELETONS, Skeleton
from pytest_chopsticks.command_line.init_file import chopsticks_toml
from pytest_chopsticks.command_line.init_repository import Repository, look_at
from pytest_chopsticks.command_line.subcommand import Subcommand
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations.target import FILE_NAME


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "directory", nargs="?", default=".", help="the repository's root (default: here)"
    )
    parser.add_argument(
        "--driver", choices=tuple(SKELETONS), help="write a driver to start from, too"
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that are there")


def _run(arguments: argparse.Namespace) -> int:
    root = Path(arguments.directory)
    repository = look_at(root)
    skeleton = SKELETONS[arguments.driver] if arguments.driver else None
    files = {FILE_NAME: chopsticks_toml(repository, skeleton.setting if skeleton else None)}
    for name, source in skeleton.files if skeleton else ():
        files[name] = source.read_text("utf-8")
    if not arguments.force:
        _refuse_overwriting(root, files)
    _write(root, files)
    print("\n".join([*(f"wrote {root / name}" for name in files), *_next(repository, skeleton)]))
    return 0


def _refuse_overwriting(root: Path, files: Mapping[str, str]) -> None:
    if there := [str(root / name) for name in files if (root / name).exists()]:
        raise ConfigurationError(
            f"{' and '.join(there)} {'exist' if there[1:] else 'exists'} already",
            hint="Nothing was written. With --force they are overwritten.",
        )


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error


def _next(repository: Repository, skeleton: Skeleton | None) -> list[str]:
    steps = []
    if repository.migrate is None:
        steps.append(f"say in {FILE_NAME} which command migrates an empty database")
    if repository.migrations is None:
        steps.append(f"say in {FILE_NAME} where the migration files are, if there are any")
    if skeleton:
        steps.append(f"fill in {skeleton.edit}, then try every operation once: chopsticks smoke")
    steps.append("judge it: pytest --chopsticks-db")
    read = " and ".join(repository.sources) or "the directory"
    return [f"after a look at {read}. Next:"] + [
        f"  {n}. {step}" for n, step in enumerate(steps, 1)
    ]


SUBCOMMAND = Subcommand(
    "init", "write a commented chopsticks.toml after a look at the repository", _add_arguments, _run
)
