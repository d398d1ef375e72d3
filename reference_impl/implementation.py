"""The operations of the contract, one method each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .database import Database
from .migration_runner import apply_pending
from .schema_check import verify

#: Next to this package, in a checkout and in the wheel alike.
CANONICAL_MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Implementation:
    """An in-process implementation that works on `database`, which it connects to as needed."""

    name = "chopsticks-reference"
    version = "1.0.0"

    def __init__(self, database: Database, token_keys: Sequence[Mapping[str, str]] = ()) -> None:
        self._database = database
        self._token_keys = tuple(token_keys)

    def migrate(self, migrations: str | None = None) -> dict[str, list[str]]:
        """Apply what is pending in the directory; answer the versions applied, oldest first.

        Rejections: checksum_mismatch, migration_failed, missing_file, out_of_order.
        """
        directory = Path(migrations) if migrations is not None else CANONICAL_MIGRATIONS
        return {"applied": apply_pending(self._database, directory)}

    def verify_schema(self) -> dict[str, str]:
        """Compare the database with schema version 1.0.0, changing nothing; answer its hash.

        Rejection: schema_drift, naming every difference.
        """
        return {"hash": verify(self._database)}
