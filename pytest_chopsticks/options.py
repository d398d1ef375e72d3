"""The command-line options: one row each, with the environment variable that stands in for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.databases import ISOLATIONS, Isolation, as_isolation
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.report.destinations import Destination, parse_destination
from pytest_chopsticks.servers import DEFAULT_IMAGE, ORIGIN_NAMES

PROFILES = ("quick", "default", "thorough")
DEFAULT_PROFILE = "default"
DEFAULT_SEED = 0


@dataclass(frozen=True, slots=True)
class Option:
    """One option; `settings` are argparse's."""

    flag: str
    variable: str | None
    help: str
    settings: Mapping[str, Any]

    @property
    def destination(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")


OPTIONS = (
    Option(
        "--chopsticks-db",
        None,
        "supply Postgres to the tests that ask for it, and run the conformance suite on the"
        " implementation that chopsticks.toml describes",
        {"action": "store_true"},
    ),
    Option(
        "--chopsticks-server",
        "CHOPSTICKS_SERVER",
        "where Postgres comes from: auto (the first that works), embedded, local, docker or"
        " external",
        {"default": "auto", "choices": ("auto", *ORIGIN_NAMES), "metavar": "ORIGIN"},
    ),
    Option(
        "--chopsticks-dsn",
        "CHOPSTICKS_DSN",
        "connection string of a server to use; its role has to be allowed to create databases",
        {"default": None, "metavar": "DSN"},
    ),
    Option(
        "--chopsticks-pg-bin",
        "CHOPSTICKS_PG_BIN",
        "directory of the local server's binaries (write it with =)",
        {"default": None, "metavar": "DIR"},
    ),
    Option(
        "--chopsticks-isolation",
        "CHOPSTICKS_ISOLATION",
        "how the database of each test is made pristine: recycle (default), clone or rollback",
        {"default": "recycle", "choices": ISOLATIONS, "metavar": "ISOLATION"},
    ),
    Option(
        "--chopsticks-fresh",
        None,
        "build the template anew, whatever runs before have left",
        {"action": "store_true"},
    ),
    Option(
        "--chopsticks-image",
        "CHOPSTICKS_IMAGE",
        f"image of the server in a container (default: {DEFAULT_IMAGE})",
        {"default": DEFAULT_IMAGE, "metavar": "IMAGE"},
    ),
    Option(
        "--chopsticks-keep-server",
        "CHOPSTICKS_KEEP_SERVER",
        "leave the server running for the next run, until none has used it for some minutes;"
        " `chopsticks stop` stops it",
        {"action": "store_true"},
    ),
    Option(
        "--chopsticks-keep-minutes",
        "CHOPSTICKS_KEEP_MINUTES",
        "how long a kept server waits for the next run (default: 10)",
        {"default": "10", "metavar": "MINUTES"},
    ),
    Option(
        "--chopsticks-tcp",
        "CHOPSTICKS_TCP",
        "make the server listen on loopback TCP too, for programs that cannot use a socket;"
        " on by itself where chopsticks.toml has a command",
        {"action": "store_true"},
    ),
    Option(
        "--chopsticks-time-limit",
        "CHOPSTICKS_TIME_LIMIT",
        "seconds that one command of an implementation may take (default: 60)",
        {"default": "60", "metavar": "SECONDS"},
    ),
    Option(
        "--chopsticks-profile",
        "CHOPSTICKS_PROFILE",
        "how much is tried: quick, default or thorough (many more examples, longer histories)",
        {"default": DEFAULT_PROFILE, "choices": PROFILES, "metavar": "PROFILE"},
    ),
    Option(
        "--chopsticks-seed",
        "CHOPSTICKS_SEED",
        "the number that all generated examples follow from (default: 0)",
        {"default": DEFAULT_SEED, "type": int, "metavar": "NUMBER"},
    ),
    Option(
        "--chopsticks-report",
        None,
        "write the report to a file: json:PATH, html:PATH or junit:PATH; may be given several"
        " times",
        {"action": "append", "default": [], "metavar": "KIND:PATH"},
    ),
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, checked."""

    enabled: bool
    server: str
    pg_bin: Path | None
    dsn: str | None = field(repr=False)
    isolation: Isolation
    fresh: bool
    image: str
    keep_minutes: float | None
    tcp: bool
    time_limit: float
    profile: str
    seed: int
    reports: tuple[Destination, ...]


def add_options(parser: pytest.Parser) -> None:
    """Register every option with pytest."""
    group = parser.getgroup(
        "chopsticks", "disposable Postgres and the Chopsticks conformance suite"
    )
    for option in OPTIONS:
        settings = dict(option.settings)
        help_ = option.help
        if option.variable is not None:
            help_ += f" [{option.variable}]"
            if value := os.environ.get(option.variable):
                settings["default"] = value
        group.addoption(option.flag, help=help_, **settings)


def read_options(config: pytest.Config) -> Options:
    """Return the options of this run; raises `ConfigurationError` for one that makes no sense."""
    pg_bin = config.getoption("--chopsticks-pg-bin")
    return Options(
        enabled=config.getoption("--chopsticks-db"),
        server=config.getoption("--chopsticks-server"),
        pg_bin=Path(pg_bin) if pg_bin else None,
        dsn=config.getoption("--chopsticks-dsn"),
        isolation=as_isolation(config.getoption("--chopsticks-isolation")),
        fresh=config.getoption("--chopsticks-fresh"),
        image=config.getoption("--chopsticks-image"),
        keep_minutes=_keep_minutes(config),
        tcp=bool(config.getoption("--chopsticks-tcp")),
        time_limit=_positive(config, "--chopsticks-time-limit", "seconds", 60),
        profile=config.getoption("--chopsticks-profile"),
        seed=config.getoption("--chopsticks-seed"),
        reports=tuple(map(parse_destination, config.getoption("--chopsticks-report"))),
    )


def _keep_minutes(config: pytest.Config) -> float | None:
    if not config.getoption("--chopsticks-keep-server"):
        return None
    return _positive(config, "--chopsticks-keep-minutes", "minutes", 10)


def _positive(config: pytest.Config, flag: str, unit: str, example: int) -> float:
    text = config.getoption(flag)
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise ConfigurationError(
            f"{flag}: {text!r} is no number of {unit}", hint=f"write e.g. {example}"
        )
    return number
