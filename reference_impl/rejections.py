"""How the implementation says no: one class per rejection, named in `rejection`.

Each takes the facts and words the message itself. Whatever is raised besides these is a fault.
"""

from collections.abc import Sequence
from typing import ClassVar


class Rejection(Exception):
    """Base of all rejections: nothing was changed, and the message says what to do."""

    rejection: ClassVar[str]


class ChecksumMismatch(Rejection):
    """A migration file is not the one that was applied."""

    rejection = "checksum_mismatch"

    def __init__(self, file: str, version: str, recorded: str, found: str) -> None:
        super().__init__(
            f"{file} was edited after version {version} was applied: recorded SHA-256 {recorded}, "
            f"now {found}. Put the applied file back and write the change as a new migration."
        )


class MissingFile(Rejection):
    """An applied version has no file any more."""

    rejection = "missing_file"

    def __init__(self, version: str, description: str) -> None:
        super().__init__(
            f"version {version} ({description}) was applied, but no file {version}_*.py is there. "
            "Put it back: an applied migration is never deleted."
        )


class OutOfOrder(Rejection):
    """A migration that was not applied is older than one that was."""

    rejection = "out_of_order"

    def __init__(self, file: str, version: str, newest: str) -> None:
        super().__init__(
            f"{file} was not applied, but the newer version {newest} was. "
            f"Rename the file to a version after {newest}, so that it runs last everywhere; "
            f"{version} cannot run before what is already there."
        )


class MigrationFailed(Rejection):
    """A migration, or the directory of migrations, cannot be applied."""

    rejection = "migration_failed"


class SchemaDrift(Rejection):
    """The database is not at the schema that this code was written for."""

    rejection = "schema_drift"

    def __init__(self, missing: Sequence[str], unexpected: Sequence[str]) -> None:
        facts = [*(f"- {fact}" for fact in missing), *(f"+ {fact}" for fact in unexpected)]
        super().__init__(
            "the database differs from schema version 1.0.0 (- is missing, + is not expected):\n"
            + "\n".join(facts)
        )
