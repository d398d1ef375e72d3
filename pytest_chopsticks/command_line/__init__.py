"""The console command `chopsticks`: one module per subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pytest_chopsticks.command_line import accept, driver_path, init, migrations, smoke, stop
from pytest_chopsticks.command_line.subcommand import Subcommand
from pytest_chopsticks.errors import ChopsticksError

#: In the order in which `chopsticks --help` lists them.
SUBCOMMANDS: tuple[Subcommand, ...] = (
    init.SUBCOMMAND,
    smoke.SUBCOMMAND,
    migrations.SUBCOMMAND,
    accept.SUBCOMMAND,
    driver_path.SUBCOMMAND,
    stop.SUBCOMMAND,
)

USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status.

    0 is success and 1 what the subcommand calls a failure; 2 means that it could not do its work:
    wrong arguments, or a `ChopsticksError`, whose text goes to standard error.
    """
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except ChopsticksError as error:
        print(f"chopsticks: {error}", file=sys.stderr)
        return USAGE_ERROR
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chopsticks", description="Tools for implementations of the Chopsticks schema."
    )
    choices = parser.add_subparsers(metavar="COMMAND", required=True)
    for subcommand in SUBCOMMANDS:
        its_parser = choices.add_parser(
            subcommand.name, help=subcommand.help, description=subcommand.help
        )
        subcommand.add_arguments(its_parser)
        its_parser.set_defaults(run=subcommand.run)
    return parser
