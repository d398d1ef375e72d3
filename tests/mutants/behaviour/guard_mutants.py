"""Triggers that are to keep rows of the two immutable tables as they are, and leave a way."""

from __future__ import annotations

from .reference_variant import Mutant, mutant

_GUARD = "../migrations/20260214_000100_guard_immutable_tables.py"
_ALL = "BEFORE UPDATE OR DELETE OR TRUNCATE ON"
_BEGIN = "        BEGIN\n          RAISE EXCEPTION"
_OWNER_MAY = """\
        BEGIN
          IF current_user = (SELECT tableowner FROM pg_tables
            WHERE schemaname = TG_TABLE_SCHEMA AND tablename = TG_TABLE_NAME) THEN
            RETURN NULL;
          END IF;
          RAISE EXCEPTION"""


def _mutants(requirement: str, table: str, column: str) -> tuple[Mutant, ...]:
    return (
        mutant(
            requirement,
            f"TRUNCATE of {table} is forgotten",
            (_GUARD, f"{_ALL} {table}", f"BEFORE UPDATE OR DELETE ON {table}"),
            says=f"accepted: TRUNCATE {table}",
        ),
        mutant(
            requirement,
            f"only {column} of {table} cannot be updated",
            (_GUARD, f"{_ALL} {table}", f"{_ALL.replace(' OR', f' OF {column} OR', 1)} {table}"),
            says=(f"accepted: UPDATE {table} SET", "reason" if column == "amount" else "checksum"),
        ),
        mutant(
            requirement,
            f"the role that owns {table} may do all",
            (_GUARD, _BEGIN, _OWNER_MAY),
            says=(f"accepted: UPDATE {table} SET", f"DELETE FROM {table}", f"TRUNCATE {table}"),
        ),
    )


MUTANTS = (
    *_mutants("migrations.records-protected", "schema_migrations", "description"),
    *_mutants("economy.log-protected", "transaction_log", "amount"),
)
