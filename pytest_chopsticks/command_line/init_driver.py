"""Drivers to start from, one for each language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_chopsticks.command_line.driver_path import HELPERS

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Skeleton:
    """`setting` is the key and value that name the driver in chopsticks.toml.

    `files` are the sources to copy, by their paths in the repository; `edit` is the one to fill in.
    """

    setting: tuple[str, str]
    files: tuple[tuple[str, Path], ...]
    edit: str


SKELETONS = {
    "node": Skeleton(
        ("command", "node conformance/driver.mjs"),
        (
            ("conformance/driver.mjs", _TEMPLATES / "driver.mjs"),
            ("conformance/chopsticks.mjs", HELPERS["node"]),
            ("conformance/chopsticks.d.mts", HELPERS["node"].with_suffix(".d.mts")),
        ),
        "conformance/driver.mjs",
    ),
    "python": Skeleton(
        ("python", "chopsticks_driver:Implementation"),
        (("chopsticks_driver.py", _TEMPLATES / "chopsticks_driver.py"),),
        "chopsticks_driver.py",
    ),
}
