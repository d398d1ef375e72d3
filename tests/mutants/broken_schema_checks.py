"""Implementations whose `verify_schema` is broken; each tells its one lie in its docstring."""

from __future__ import annotations

import hashlib
import inspect
import secrets
from dataclasses import dataclass
from typing import ClassVar

import psycopg

from reference_impl import Implementation
from reference_impl.rejections import Rejection

from .matrix.row import Row


class _Check(Implementation):
    def ask(self, query: str) -> str:
        with psycopg.connect(self._database.dsn) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return str(row[0])

    def do(self, statement: str) -> None:
        with psycopg.connect(self._database.dsn) as connection:
            connection.execute(statement.encode())

    def hash_with(self, something: str) -> dict[str, str]:
        known = self.reference_hash()
        return {"hash": hashlib.sha256(f"{known}{something}".encode()).hexdigest()}

    def reference_hash(self) -> str:
        return Implementation.verify_schema(self)["hash"]


class HashesObjectIds(_Check):
    """The hash depends on the order in which indexes were created."""

    def verify_schema(self) -> dict[str, str]:
        order = "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid)"
        return self.hash_with(self.ask(f"{order} FROM pg_index WHERE indexrelid >= 16384"))


class HashesSettings(_Check):
    """The hash depends on the time zone of the session."""

    def verify_schema(self) -> dict[str, str]:
        return self.hash_with(self.ask("SELECT current_setting('TimeZone')"))


class HashesQuotedNames(_Check):
    """The hash depends on whether names are quoted."""

    def verify_schema(self) -> dict[str, str]:
        return self.hash_with(self.ask("SELECT quote_ident('user_pets')"))


class HashesAnything(_Check):
    """The hash is another every time."""

    def verify_schema(self) -> dict[str, str]:
        return self.hash_with(secrets.token_hex())


class _Ignores(_Check):
    """Takes no notice of one kind of fact, neither in the hash nor as drift."""

    ignored: ClassVar[str]

    def verify_schema(self) -> dict[str, str]:
        try:
            self.reference_hash()
        except Rejection as drift:
            facts = [line[2:] for line in str(drift).splitlines()[1:]]
            if any(not fact.startswith(f'["{self.ignored}"') for fact in facts):
                raise
        return {"hash": "0" * 64}


class IgnoresColumns(_Ignores):
    """Columns may be added, renamed, dropped and retyped."""

    ignored = "column"


class IgnoresPrimaryKeys(_Ignores):
    """Primary keys may be dropped."""

    ignored = "primary key"


class IgnoresUnique(_Ignores):
    """Unique constraints may be dropped."""

    ignored = "unique"


class IgnoresIndexes(_Ignores):
    """Indexes may be added and dropped."""

    ignored = "index"


class _Confuses(_Check):
    """Takes one kind of fact for another, both in the hash and as drift."""

    confused: ClassVar[tuple[str, str]]

    def verify_schema(self) -> dict[str, str]:
        try:
            self.reference_hash()
        except Rejection as drift:
            facts = [line.replace(*self.confused) for line in str(drift).splitlines()[1:]]
            missing, found = ({one[2:] for one in facts if one[0] == sign} for sign in "-+")
            if missing != found:
                raise
        return {"hash": "0" * 64}


class IgnoresDirections(_Confuses):
    """An index may be ascending or descending."""

    confused = (" DESC", "")


class TakesIndexesForUnique(_Confuses):
    """A unique constraint may be an ordinary index."""

    confused = ('"index","user_inventory","btree"', '"unique","user_inventory"')


class AcceptsDrift(_Check):
    """Drift gives another hash, which nobody compares with anything."""

    def verify_schema(self) -> dict[str, str]:
        try:
            return {"hash": self.reference_hash()}
        except Rejection as drift:
            return {"hash": hashlib.sha256(str(drift).encode()).hexdigest()}


class RepairsDrift(_Check):
    """A dropped index is made again, before the drift is reported."""

    def verify_schema(self) -> dict[str, str]:
        try:
            return {"hash": self.reference_hash()}
        except Rejection:
            create = "CREATE INDEX IF NOT EXISTS idx_wallets_balance ON user_wallets (balance DESC)"
            self.do(create)
            raise


class LogsDrift(_Check):
    """Drift is written into audit_log, before it is reported."""

    def verify_schema(self) -> dict[str, str]:
        try:
            return {"hash": self.reference_hash()}
        except Rejection:
            insert = "INSERT INTO audit_log (guild_id, user_id, action) VALUES ('', '', 'drift')"
            self.do(insert)
            raise


class NamesNothing(_Check):
    """Drift is refused without a word on what has drifted."""

    def verify_schema(self) -> dict[str, str]:
        try:
            return {"hash": self.reference_hash()}
        except Rejection:
            raise UnnamedDrift from None


class UnnamedDrift(Exception):
    """A refusal that says nothing."""

    rejection = "schema_drift"


@dataclass(frozen=True, slots=True)
class SchemaCheckMutant:
    """A lie, exactly the requirements that notice it, and what each of them says."""

    lie: type[_Check]
    caught_by: frozenset[str]
    named: str

    @property
    def row(self) -> Row:
        broken = inspect.getdoc(self.lie) or ""
        return Row("schema", self.lie.__name__, broken, self.caught_by)


_DETERMINISTIC = frozenset({"schema.hash.deterministic"})
_DRIFT = frozenset({"schema.drift-detected"})
_UNNOTICED = _DRIFT | {"schema.hash.sensitive"}

MUTANTS = (
    SchemaCheckMutant(HashesObjectIds, _DETERMINISTIC, "in another order"),
    SchemaCheckMutant(HashesSettings, _DETERMINISTIC, "settings were changed"),
    SchemaCheckMutant(HashesQuotedNames, _DETERMINISTIC, "settings were changed"),
    SchemaCheckMutant(HashesAnything, _DETERMINISTIC, "in another order"),
    SchemaCheckMutant(IgnoresColumns, _UNNOTICED, "a column is renamed"),
    SchemaCheckMutant(IgnoresPrimaryKeys, _UNNOTICED, "a primary key is dropped"),
    SchemaCheckMutant(IgnoresUnique, _UNNOTICED, "a unique constraint is dropped"),
    SchemaCheckMutant(IgnoresIndexes, _UNNOTICED, "an index is dropped"),
    SchemaCheckMutant(IgnoresDirections, _UNNOTICED, "from DESC to ASC"),
    SchemaCheckMutant(TakesIndexesForUnique, _UNNOTICED, "becomes an ordinary index"),
    SchemaCheckMutant(AcceptsDrift, _DRIFT, "a table is renamed"),
    SchemaCheckMutant(RepairsDrift, _DRIFT, "user_wallets"),
    SchemaCheckMutant(LogsDrift, _DRIFT, "rows of audit_log"),
    SchemaCheckMutant(NamesNothing, _DRIFT, "a refusal that names user_pets"),
)
