"""`chopsticks stop`: ends the servers that `--chopsticks-keep-server` left running."""

from __future__ import annotations

import argparse

from pytest_chopsticks.command_line.subcommand import Subcommand
from pytest_chopsticks.servers import stop_kept_servers


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def _run(arguments: argparse.Namespace) -> int:
    del arguments
    stopped = stop_kept_servers()
    for server in stopped:
        print(f"stopped: {server}")
    if not stopped:
        print("no kept server to stop: none runs, or a run is using it")
    return 0


SUBCOMMAND = Subcommand(
    "stop",
    "end the servers that --chopsticks-keep-server left running, unless a run is using them",
    _add_arguments,
    _run,
)
