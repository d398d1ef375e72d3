"""The operations of the contract, by area: `implementation.wallets.credit(…)`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .agents import Agents
from .audit import Audit
from .commands import Commands
from .database import Connections, Database
from .inventory import Inventory
from .migration_runner import apply_pending
from .pets import Pets
from .pools import Pools
from .retention import Retention
from .runners import Runners
from .schema_check import verify
from .settings import Settings
from .streaks import Streaks
from .wallets import Wallets

#: Next to this package, in a checkout and in the wheel alike.
CANONICAL_MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Implementation:
    """An in-process implementation that works on `database`, which it connects to as needed.

    `token_keys` are `{id, key}`, the key as 64 hex digits, the first being the one to encrypt
    with. Every operation is one transaction (a migration and a batch of a purge being one each),
    takes the times that it is given for now, and may be called from several threads at once.
    """

    name = "chopsticks-reference"
    version = "1.0.0"
    clock = "argument"
    concurrent = True

    agents: Agents
    audit: Audit
    commands: Commands
    inventory: Inventory
    pets: Pets
    pools: Pools
    retention: Retention
    runners: Runners
    settings: Settings
    streaks: Streaks
    wallets: Wallets

    def __init__(self, database: Database, token_keys: Sequence[Mapping[str, str]] = ()) -> None:
        self._database = database
        self._connections = Connections(database)
        self.agents = Agents(self._connections, token_keys)
        self.audit = Audit(self._connections)
        self.commands = Commands(self._connections)
        self.inventory = Inventory(self._connections)
        self.pets = Pets(self._connections)
        self.pools = Pools(self._connections)
        self.retention = Retention(self._connections)
        self.runners = Runners(self._connections)
        self.settings = Settings(self._connections)
        self.streaks = Streaks(self._connections)
        self.wallets = Wallets(self._connections)

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

    def close(self) -> None:
        """Close the connections to the database."""
        self._connections.close()
