"""`chopsticks smoke`: every claimed operation called once, and what came of it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_chopsticks.bundled import ROOT
from pytest_chopsticks.command_line.own_databases import add_server_option, own_databases
from pytest_chopsticks.command_line.smoke_run import Line, Verdict, run_smoke
from pytest_chopsticks.command_line.subcommand import Subcommand
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations import (
    Target,
    find_target,
    load_implementation,
    load_target,
)

_WIDTH = 72
_MEANING: Mapping[Verdict, str] = {
    "fault": "fault: the driver crashed, hung or did not speak the contract",
    "refused": "refused: the implementation says no to sensible arguments",
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="DIR|chopsticks.toml",
        help="where chopsticks.toml is (default: here or above)",
    )
    add_server_option(parser)
    parser.add_argument(
        "--time-limit",
        type=float,
        default=30,
        metavar="SECONDS",
        help="how long one call may take (default: 30)",
    )


def _run(arguments: argparse.Namespace) -> int:
    target = _target(Path(arguments.path))
    lines = []
    with own_databases(arguments.server, tcp=True) as databases:
        implementation = load_implementation(
            target, time_limit=arguments.time_limit, scratch_database=databases.empty
        )
        canonical = load_implementation(_canonical_target())
        print(f"{target.name}, described by {target.path}, on {databases.server}\n")
        print(_row("operation", "", "ms", "answer"))
        with databases.empty() as database:
            for line in run_smoke(implementation, target, canonical, database):
                lines.append(line)
                duration = f"{line.duration_ms:.1f}" if line.duration_ms else ""
                print(_row(line.operation, line.verdict, duration, line.answer))
    print(_summary(lines))
    return 1 if any(line.verdict in _MEANING for line in lines) else 0


def _target(path: Path) -> Target:
    found = path if path.is_file() else find_target(path)
    if found is None:
        raise ConfigurationError(
            f"there is no chopsticks.toml in {path.resolve()} or above it",
            hint="`chopsticks init` writes one.",
        )
    return load_target(found)


def _canonical_target() -> Target:
    python = "pytest_chopsticks.bundled.reference_impl:Implementation"
    return Target(ROOT / "chopsticks.toml", "chopsticks-reference", python=python)


def _row(operation: str, verdict: str, duration: str, answer: str) -> str:
    text = " ".join(answer.split())
    shown = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
    return f"{operation:<18} {verdict:<11} {duration:>8}  {shown}".rstrip()


def _summary(lines: Sequence[Line]) -> str:
    counts = Counter(line.verdict for line in lines)
    parts = ["", ", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
    parts += [meaning for verdict, meaning in _MEANING.items() if counts[verdict]]
    parts += [f"\n{line.details}" for line in lines if line.details]
    return "\n".join(parts)


SUBCOMMAND = Subcommand(
    "smoke", "call every operation that an implementation claims once", _add_arguments, _run
)
