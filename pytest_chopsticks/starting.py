"""How a run begins: which chopsticks.toml, which server, shared with which workers; how it ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.collection import RUN
from pytest_chopsticks.errors import ChopsticksError, ConfigurationError, ServerUnavailable
from pytest_chopsticks.implementations import find_target
from pytest_chopsticks.options import Options
from pytest_chopsticks.run import Run, SharedServer

_FILE_NAME = "chopsticks.toml"
_KEY = "chopsticks"


def begin_run(config: pytest.Config, options: Options) -> Run:
    """Set up the run of this process, and put its chopsticks.toml among what pytest collects.

    A file given on the command line wins; otherwise the nearest one, from the directory pytest
    was called in upwards. Other paths on the command line mean: only these, without the suite.
    """
    named = _named_targets(config)
    path = named[0] if named else find_target(config.invocation_params.dir)
    shared = _shared_by_controller(config)
    run = Run(options, path, project=config.rootpath, shared=shared, process=_process(config))
    config.stash[RUN] = run
    if path and not named and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args.append(str(path))
    return run


def end_run(config: pytest.Config) -> None:
    """Give everything back; a server that had ended by itself is told, and fails the run."""
    try:
        config.stash[RUN].close()
    except ServerUnavailable as error:
        sys.stderr.write(f"\nchopsticks: {error}\n")
        session = config.pluginmanager.get_plugin("session")
        if isinstance(session, pytest.Session) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def expect_not_asked_for(config: pytest.Config, options: Options) -> None:
    """Raise `ConfigurationError` for what makes sense with `--chopsticks-db` alone."""
    if _named_targets(config):
        raise ConfigurationError(
            "chopsticks.toml is named, but the suite runs only with --chopsticks-db",
            hint="add --chopsticks-db",
        )
    if options.reports:
        raise ConfigurationError(
            "--chopsticks-report: nothing is judged without --chopsticks-db",
            hint="add --chopsticks-db",
        )


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a worker process of pytest-xdist."""
    return hasattr(config, "workerinput")


def share_with(workerinput: dict[str, Any], run: Run) -> None:
    """Tell a worker about the server, or why there is none."""
    try:
        workerinput[_KEY] = {"shared": run.shared.to_dict()}
    except ServerUnavailable as error:
        workerinput[_KEY] = {"error": (error.message, error.hint)}


def describe(run: Run, config: pytest.Config) -> list[str]:
    """The lines of pytest's header: which server and why, which implementation."""
    lines = []
    if not is_worker(config) and not config.option.collectonly:
        try:
            lines.append(f"chopsticks: {run.shared.server}")
        except ServerUnavailable as error:
            lines.append(f"chopsticks: no server: {error.message.splitlines()[0]}")
    if run.target_path is not None:
        lines.append(f"chopsticks: judging {_implementation(run)}")
    return lines


def _implementation(run: Run) -> str:
    try:
        target = run.target
    except ChopsticksError:
        return f"{run.target_path}, which cannot be understood"
    assert target is not None
    return f"{target.name}, described by {target.path}"


def _named_targets(config: pytest.Config) -> list[Path]:
    paths = (config.invocation_params.dir / arg.partition("::")[0] for arg in config.args)
    return [path.resolve() for path in paths if path.name == _FILE_NAME]


def _shared_by_controller(config: pytest.Config) -> SharedServer | ServerUnavailable | None:
    if not is_worker(config):
        return None
    told = config.workerinput[_KEY]  # type: ignore[attr-defined]
    if "error" in told:
        message, hint = told["error"]
        return ServerUnavailable(message, hint=hint)
    return SharedServer.from_dict(told["shared"])


def _process(config: pytest.Config) -> str:
    return str(config.workerinput["workerid"]) if is_worker(config) else "main"  # type: ignore[attr-defined]
