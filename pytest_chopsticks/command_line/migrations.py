"""`chopsticks migrations check`: every migration judged, for daily use and for CI."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_chopsticks.command_line.migrations_table import print_findings, print_header, print_step
from pytest_chopsticks.command_line.own_databases import add_server_option, own_databases
from pytest_chopsticks.command_line.sarif import sarif_log
from pytest_chopsticks.command_line.subcommand import Subcommand
from pytest_chopsticks.compatibility import (
    ApplicationSql,
    JudgeOptions,
    judge_history,
)
from pytest_chopsticks.databases import EMPTY
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations import Target, find_target, load_target
from pytest_chopsticks.implementations.baseline import beginning_of
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations

_USUAL = "migrations"


@dataclass(frozen=True, slots=True)
class _History:
    """What is judged: the files, and what chopsticks.toml says of them where there is one."""

    directory: Path
    files: tuple[MigrationFile, ...]
    target: Target | None


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    choices = parser.add_subparsers(metavar="ACTION", required=True)
    check = choices.add_parser(
        "check",
        help="judge every migration: does the version before still work after it?",
        description="Applies each migration to a populated database, watches what it does, and"
        " tells what old statements, old readers and the rows there then get. The exit status is"
        " 0 when nothing breaks, 1 when something does, 2 when it could not be judged.",
    )
    check.add_argument(
        "directory",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="the migration files (default: what chopsticks.toml names, else ./migrations)",
    )
    check.add_argument(
        "--only", action="append", metavar="VERSION", help="judge this version alone (repeatable)"
    )
    check.add_argument(
        "--since", metavar="VERSION", help="judge this version and later ones; apply the others"
    )
    check.add_argument(
        "--statements",
        metavar="GLOB",
        help="the SQL that the application sends (default: what chopsticks.toml names)",
    )
    check.add_argument("--schema", default="public", help="where the tables are (default: public)")
    check.add_argument(
        "--rows", type=int, default=24, help="rows in each table before a migration (default: 24)"
    )
    check.add_argument(
        "--time-limit",
        type=float,
        default=60,
        metavar="SECONDS",
        help="how long one migration may take (default: 60)",
    )
    add_server_option(check)
    check.add_argument("--sarif", type=Path, metavar="PATH", help="write the findings as SARIF")
    check.add_argument("--verbose", action="store_true", help="show what is merely noted, too")


def _check(arguments: argparse.Namespace) -> int:
    history = _history(arguments.directory)
    versions = _chosen(history.files, arguments.only, arguments.since)
    target = history.target
    steps = []
    with own_databases(arguments.server, tcp=bool(target and target.baseline)) as databases:
        many = "" if len(versions) == 1 else "s"
        print(f"{len(versions)} migration{many} of {history.directory}, on {databases.server}\n")
        print_header()
        for step in judge_history(
            history.files,
            databases,
            _options(arguments, target),
            beginning=beginning_of(target, databases) if target else EMPTY,
            only=versions,
        ):
            steps.append(step)
            print_step(step)
    print_findings(steps, verbose=arguments.verbose)
    if arguments.sarif is not None:
        text = json.dumps(sarif_log(steps, Path.cwd()), indent=2, ensure_ascii=False)
        arguments.sarif.write_text(text + "\n", "utf-8")
    return 1 if any(step.breaks for step in steps) else 0


def _history(path: Path | None) -> _History:
    """A directory of files, a repository, or the one that we are in."""
    found = find_target(path or Path())
    target = load_target(found) if found else None
    directory = _directory(path, target)
    if target and (target.migrations is None or not target.migrations.samefile(directory)):
        target = None
    files = list_migrations(directory)
    if not files:
        raise ConfigurationError(
            f"there is no migration file in {directory}",
            hint="Migration files are called YYYYMMDD_HHMMSS_description.js, .py or .sql.",
        )
    return _History(directory, files, target)


def _directory(path: Path | None, target: Target | None) -> Path:
    here = path or Path()
    if target and target.migrations and (path is None or target.root.samefile(here)):
        return target.migrations
    usual = here / _USUAL
    return usual if usual.is_dir() else here


def _chosen(
    files: Sequence[MigrationFile], only: Sequence[str] | None, since: str | None
) -> frozenset[str]:
    known = {file.version for file in files}
    for version in (*(only or ()), *([since] if since else ())):
        if version not in known:
            raise ConfigurationError(
                f"there is no migration {version}", hint=f"There are: {', '.join(sorted(known))}."
            )
    chosen = known if only is None else set(only)
    return frozenset(version for version in chosen if since is None or version >= since)


def _options(arguments: argparse.Namespace, target: Target | None) -> JudgeOptions:
    sent = None
    if arguments.statements:
        sent = ApplicationSql(Path(), arguments.statements)
    elif target and target.statements:
        sent = ApplicationSql(target.root, target.statements)
    return JudgeOptions(
        rows=arguments.rows,
        time_limit=arguments.time_limit,
        schema=arguments.schema,
        application=sent,
    )


SUBCOMMAND = Subcommand(
    "migrations", "judge whether migrations are backward compatible", _add_arguments, _check
)
