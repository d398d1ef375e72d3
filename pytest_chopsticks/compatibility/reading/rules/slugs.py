"""The rules of claims that are no difference of the catalog, each with what it means."""

from __future__ import annotations

from typing import Final

OWN_RULES: Final = {
    "concurrently-in-block": "CONCURRENTLY after BEGIN, which the server refuses",
    "constraint-removed": "a constraint is dropped by name, of a kind that only the catalog tells",
    "constraint-renamed": "ON CONFLICT ON CONSTRAINT and error handling know the old name",
    "database-removed": "a database is dropped",
    "deferrable-uniqueness": "ON CONFLICT cannot use a deferrable constraint",
    "delete-without-where": "every row is deleted",
    "exclusive-lock-kept": "a lock that blocks old statements is taken and kept",
    "extension-removed": "an extension is dropped, and with it its types and functions",
    "function-changed": "a function that may be there already is replaced or altered",
    "function-removed": "a function or procedure is dropped or renamed",
    "index-not-concurrent": "an index is built while writers wait",
    "lock-timeout-disabled": "statements wait for locks without end, and others behind them",
    "migrations-table-changed": "schema_migrations is the runner's",
    "owned-removed": "everything that a role owns is dropped or changes hands",
    "rewrite": "the table is written anew under an ACCESS EXCLUSIVE lock",
    "role-changed": "a role is dropped, renamed or altered",
    "scan-under-lock": "the whole table is read under a lock that blocks writers",
    "schema-removed": "a schema is dropped or renamed",
    "server-changed": "a setting of the server, a database or a role outlives the migration",
    "setting-outlives-migration": "SET without LOCAL stays with the runner's session",
    "triggers-disabled": "triggers and foreign keys do not fire",
    "truncate": "every row is removed",
    "type-changed": "a type is altered or renamed",
    "type-removed": "a type is dropped",
    "update-without-where": "every row is updated",
}
