"""`chopsticks driver-path`: where the helpers for drivers are, to be copied or imported."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest_chopsticks
from pytest_chopsticks.command_line.subcommand import Subcommand

_PACKAGE = Path(pytest_chopsticks.__file__).parent

#: The file that speaks the driver protocol for a program in this language.
HELPERS = {
    "node": _PACKAGE / "implementations" / "node" / "chopsticks.mjs",
    "python": _PACKAGE / "serve.py",
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("language", choices=tuple(HELPERS))


def _run(arguments: argparse.Namespace) -> int:
    print(HELPERS[arguments.language])
    return 0


SUBCOMMAND = Subcommand(
    "driver-path",
    "print the path of the module that speaks the driver protocol for a program",
    _add_arguments,
    _run,
)
