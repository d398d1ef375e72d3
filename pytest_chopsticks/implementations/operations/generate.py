"""Writes everything that is made from the operations.

`python -m pytest_chopsticks.implementations.operations.generate` in the root of a checkout.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_chopsticks.implementations.operations.json_schemas import render_schemas
from pytest_chopsticks.implementations.operations.python_protocol import render_protocol
from pytest_chopsticks.implementations.operations.reference_page import render_page

_PACKAGE = "pytest_chopsticks/implementations"


def generated_files() -> Mapping[str, str]:
    """The text of each file by its path in the repository."""
    schemas = {f"{_PACKAGE}/schemas/{name}": text for name, text in render_schemas().items()}
    return {
        f"{_PACKAGE}/protocol.py": render_protocol(),
        "docs/operations.md": render_page(),
        **schemas,
    }


def main() -> None:
    for name, text in generated_files().items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
