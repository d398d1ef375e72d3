"""Which statements a migration is followed by."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.catalog import Snapshot
from pytest_chopsticks.compatibility.old_clients import (
    Break,
    UserStatements,
    corpus,
    user_statements,
)

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.compatibility.contents.check_search import Solutions
    from pytest_chopsticks.compatibility.judge_options import JudgeOptions

#: Records that no version ever updates or deletes (document, sections 5 and 10).
IMMUTABLE_TABLES = frozenset({"schema_migrations", "transaction_log"})


def old_statements(
    connection: psycopg.Connection[Any],
    schema: Snapshot,
    tables: Collection[str],
    options: JudgeOptions,
    solved: Solutions,
) -> UserStatements:
    """What a client of this version may send that concerns the tables, and all that it is known to
    send: a migration may matter to it by more than tables.
    """
    found = corpus(connection, schema, tables, solved) if tables else ()
    sent = options.application
    if sent is None:
        return UserStatements(found, ())
    known = user_statements(connection, schema, sent.root, sent.pattern)
    return UserStatements((*found, *known.statements), known.not_run)


def is_relied_on(broken: Break) -> bool:
    """Whether somebody may send the statement: nobody changes immutable records.

    But that they are refused, where they were, is relied on.
    """
    statement = broken.statement
    if statement.table not in IMMUTABLE_TABLES or broken.kind == "accepted":
        return True
    return not (statement.kind in ("update", "delete") or "DO UPDATE" in statement.text)
