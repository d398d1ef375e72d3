"""Alembic's migrations as the source of a database's pristine state."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from configparser import ConfigParser
from configparser import Error as MalformedFile
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pytest_chopsticks.databases import Database
from pytest_chopsticks.databases.fingerprints import (
    digest,
    digest_of_files,
    files_below,
    input_files,
)
from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations.command import command_environment, run_command
from pytest_chopsticks.implementations.command_source import expect_success
from pytest_chopsticks.implementations.redaction import Redactor

#: Run by an interpreter of its own: env.py sets up logging as it likes.
_UPGRADE = (
    "import os, sys; from alembic import command, config;"
    " chosen = config.Config(sys.argv[1]);"
    " chosen.set_main_option('sqlalchemy.url', os.environ['ALEMBIC_URL'].replace('%', '%%'));"
    " command.upgrade(chosen, sys.argv[2])"
)


@dataclass(frozen=True, slots=True)
class Alembic:
    """Runs `alembic upgrade head`, with `sqlalchemy.url` leading to the empty database by psycopg.

    `configuration` is relative to pytest's root directory. A later run uses what this one has
    built, as long as the configuration and the files of its script location stay the same;
    `inputs` are patterns of further files that decide what the migrations do.
    """

    configuration: str | Path = "alembic.ini"
    revision: str = "head"
    inputs: Sequence[str] = ()
    time_limit: float = 60.0
    root: Path = Path()

    @property
    def fingerprint(self) -> str:
        _expect_installed()
        versions = version("alembic"), version("sqlalchemy")
        files = [self._file, *files_below(self._scripts), *input_files(self.root, self.inputs)]
        return digest("alembic", self.revision, *versions, digest_of_files(files))

    @property
    def lasting(self) -> bool:
        return True

    def below(self, root: Path) -> Alembic:
        return replace(self, root=root / self.root)

    def build(self, database: Database) -> None:
        """Raises `DatabaseUnavailable`, with Alembic's output, when the upgrade fails."""
        _expect_installed()
        command = [sys.executable, "-c", _UPGRADE, str(self._file), self.revision]
        url = database.url.replace("postgresql://", "postgresql+psycopg://", 1)
        result = run_command(
            shlex.join(command),
            cwd=self.root,
            env=command_environment(database.env, {"ALEMBIC_URL": url}),
            time_limit=self.time_limit,
            redactor=Redactor((database.password,)),
        )
        shown = replace(result, command=f"alembic upgrade {self.revision}")
        expect_success(shown, self.root, self.time_limit)

    @property
    def _file(self) -> Path:
        return self.root / self.configuration

    @property
    def _scripts(self) -> Path:
        """The directory that the configuration's `script_location` names."""
        parser = ConfigParser(defaults={"here": str(self._file.parent)})
        try:
            parser.read_string(self._file.read_text("utf-8"))
            location = parser.get("alembic", "script_location")
        except (OSError, MalformedFile) as error:
            raise ConfigurationError(
                f"{self._file}: {error}",
                hint="name Alembic's configuration, as `alembic init` makes it",
            ) from error
        return self.root / location


def _expect_installed() -> None:
    if find_spec("alembic") is None:
        raise ConfigurationError(
            "chopsticks_template is an Alembic, and alembic is not installed",
            hint="pip install alembic",
        )
