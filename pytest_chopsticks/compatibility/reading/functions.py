"""The server's own functions: which change nothing, which are volatile, which act.

`stable_functions.txt` lists the names that PostgreSQL 15 or 18 has as stable or immutable functions
in every one of their forms, out of `postgres.bki`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

#: Volatile, and yet they change no row, no structure and no setting.
_VOLATILE: Final = frozenset(
    {
        "array_sample",
        "array_shuffle",
        "clock_timestamp",
        "current_query",
        "currval",
        "gen_random_uuid",
        "lastval",
        "nextval",
        "pg_advisory_lock",
        "pg_advisory_lock_shared",
        "pg_advisory_unlock",
        "pg_advisory_unlock_all",
        "pg_advisory_unlock_shared",
        "pg_advisory_xact_lock",
        "pg_advisory_xact_lock_shared",
        "pg_blocking_pids",
        "pg_database_size",
        "pg_indexes_size",
        "pg_is_in_recovery",
        "pg_lock_status",
        "pg_notify",
        "pg_partition_ancestors",
        "pg_partition_tree",
        "pg_relation_size",
        "pg_sequence_last_value",
        "pg_sleep",
        "pg_sleep_for",
        "pg_sleep_until",
        "pg_table_size",
        "pg_total_relation_size",
        "pg_try_advisory_lock",
        "pg_try_advisory_lock_shared",
        "pg_try_advisory_xact_lock",
        "pg_try_advisory_xact_lock_shared",
        "random",
        "random_normal",
        "setseed",
        "timeofday",
        "uuidv4",
        "uuidv7",
    }
)

#: The server's functions that do something, and what.
ACTING: Final = {
    "lo_unlink": "a large object is deleted",
    "pg_cancel_backend": "another session's query is cancelled",
    "pg_terminate_backend": "another session is ended",
    "query_to_xml": "it runs the query in its argument",
    "set_config": "a setting changes",
    "setval": "a sequence continues elsewhere, where old INSERTs may meet duplicates",
}


def is_built_in(name: str) -> bool:
    """Whether the server itself has a function of that name that changes nothing."""
    return name in _stable() or name in _VOLATILE


def is_volatile(name: str) -> bool:
    """Whether calls may differ from row to row; of an unknown function nobody knows."""
    return name not in _stable()


@cache
def _stable() -> frozenset[str]:
    text = files(__package__).joinpath("stable_functions.txt").read_text("utf-8")
    return frozenset(text.split())
