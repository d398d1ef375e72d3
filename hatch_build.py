"""Puts the suite, the reference implementation and the canonical migrations inside the wheel.

An editable install leaves them where they are: `pytest_chopsticks.bundled` finds them there.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLED = ("conformance", "reference_impl", "migrations")


class Bundle(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            build_data["force_include_editable"]["editable.pth"] = "pytest_chopsticks_editable.pth"
            return
        for name in BUNDLED:
            build_data["force_include"][name] = f"pytest_chopsticks/bundled/{name}"
