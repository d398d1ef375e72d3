"""`chopsticks accept`: what fails today is written into [known-failures], to be reviewed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_chopsticks.command_line.subcommand import Subcommand
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations import Target, find_target, load_target
from pytest_chopsticks.implementations.known_failures_table import rewrite
from pytest_chopsticks.known_failures import is_stale
from pytest_chopsticks.report.last_run import read_report

_LONGEST_REASON = 400
_COMPLETE_RUN = "run pytest --chopsticks-db completely (without -k, -x or single tests), then again"


@dataclass(frozen=True, slots=True)
class Changes:
    """What [known-failures] lacks and has too much; `errors` are in no state to be accepted."""

    add: Mapping[str, str]
    remove: tuple[str, ...]
    errors: tuple[str, ...]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="?",
        type=Path,
        metavar="chopsticks.toml",
        help="the file that was judged (default: the nearest, from here upwards)",
    )


def _run(arguments: argparse.Namespace) -> int:
    path = arguments.target or find_target(Path.cwd())
    if path is None:
        raise ConfigurationError(
            f"no chopsticks.toml in {Path.cwd()} or above it",
            hint="call it where pytest --chopsticks-db was called, or name the file",
        )
    target = load_target(path)
    changes = _changes(target, _complete_report(path))
    if changes.add or changes.remove:
        rewrite(path, add=changes.add, remove=changes.remove)
    print("\n".join(_told(path, changes)))
    return _refuse(changes.errors)


def _complete_report(path: Path) -> Any:
    """The report of the last run; raises ConfigurationError where it does not have everything."""
    report = read_report(path)
    if report is None:
        raise ConfigurationError(f"{path}: no run of it is known", hint=_COMPLETE_RUN)
    if report["errors"]:
        raise ConfigurationError(
            f"the last run of {path} was in trouble: {report['errors'][0]}",
            hint=f"mend that; {_COMPLETE_RUN}",
        )
    left_out = [one["id"] for one in report["requirements"] if one["status"] == "not-run"]
    if left_out:
        raise ConfigurationError(
            f"the last run of {path} was partial: {len(left_out)} of"
            f" {len(report['requirements'])} requirements did not run, such as {left_out[0]}",
            hint=_COMPLETE_RUN,
        )
    return report


def _changes(target: Target, report: Any) -> Changes:
    """Entries that are there keep their reasons; a failure of the suite's own is none."""
    requirements = report["requirements"]
    failed = [one for one in requirements if one["status"] in ("failed", "known-failure")]
    failing = {one["id"]: one["message"] for one in failed if not is_stale(one["message"])}
    passing = {one["id"] for one in failed} - failing.keys()
    known = target.known_failures.keys()
    return Changes(
        add={id_: _reason(message) for id_, message in failing.items() if id_ not in known},
        remove=tuple(id_ for id_ in known if id_ in passing),
        errors=tuple(one["id"] for one in requirements if one["status"] == "error"),
    )


def _reason(message: str) -> str:
    """The message in one line, for whoever reviews it to put the reason in its place."""
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


def _told(path: Path, changes: Changes) -> Iterator[str]:
    for id_, reason in changes.add.items():
        yield f"accepted  {id_}\n          {reason}"
    for id_ in changes.remove:
        yield f"removed   {id_}\n          it passes"
    if changes.add:
        yield f"{path}: review [known-failures], and write the reason in place of each message"
    if not changes.add and not changes.remove:
        yield f"{path}: nothing to change, [known-failures] has what fails"


def _refuse(errors: tuple[str, ...]) -> int:
    if not errors:
        return 0
    print(
        f"chopsticks: not accepted, since an error of the suite is no failure: {', '.join(errors)}"
        f"\n  → mend what the report says of them; {_COMPLETE_RUN}",
        file=sys.stderr,
    )
    return 1


SUBCOMMAND = Subcommand(
    "accept",
    "write what failed in the last complete run into [known-failures] of chopsticks.toml",
    _add_arguments,
    _run,
)
