"""The suite, the reference implementation and the canonical migrations, wherever they lie.

In a wheel they are inside this package; in a checkout they are next to `pytest_chopsticks/`.
Either way `pytest_chopsticks.bundled.conformance` and `.reference_impl` can be imported, and no
such name is taken in anybody's site-packages.
"""

from pathlib import Path

_HERE = Path(__file__).parent

#: The directory that holds `conformance/`, `reference_impl/` and `migrations/`.
ROOT = _HERE if (_HERE / "conformance").is_dir() else _HERE.parents[1]

__path__ = [str(ROOT)]

CANONICAL_MIGRATIONS = ROOT / "migrations"
