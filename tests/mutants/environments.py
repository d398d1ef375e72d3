"""Servers and sessions in which a correct implementation is as correct as anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Environment:
    """A server of version `major`, started with `settings`, prepared by its superuser's statements.

    `user` is the role through which the suite comes in, the superuser where it is empty;
    `variables` are those of the suite's own process.
    """

    name: str
    major: int
    settings: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    user: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


def in_every_session(name: str, major: int, settings: Mapping[str, str]) -> Environment:
    """What an administrator has set for all roles."""
    set_all = (f"ALTER ROLE ALL SET {setting} = {value}" for setting, value in settings.items())
    return Environment(name, major, statements=tuple(set_all))


def with_locale(name: str, clause: str, major: int) -> Environment:
    """New databases have another locale: they are copies of `template0`."""
    return Environment(
        name,
        major,
        statements=(
            "CREATE DATABASE template_of_locale TEMPLATE template0 IS_TEMPLATE true"
            f" ENCODING 'UTF8' {clause}",
            "ALTER DATABASE template0 RENAME TO template_of_before",
            "ALTER DATABASE template_of_locale RENAME TO template0",
        ),
    )


def at_once(environments: Iterable[Environment]) -> Environment:
    """Environments of one version in one: none takes back what another sets."""
    all_ = list(environments)
    return Environment(
        ", ".join(one.name for one in all_),
        all_[0].major,
        settings={name: value for one in all_ for name, value in one.settings.items()},
        statements=tuple(statement for one in all_ for statement in one.statements),
        user="".join(one.user for one in all_),
        variables={name: value for one in all_ for name, value in one.variables.items()},
    )


#: Each supported version of PostgreSQL is among them.
ENVIRONMENTS: tuple[Environment, ...] = (
    Environment(
        "server and process in other time zones",
        13,
        settings={"timezone": "Asia/Kathmandu", "log_timezone": "Pacific/Niue"},
        variables={"TZ": "America/St_Johns"},
    ),
    in_every_session("sessions in a zone with summer time", 16, {"timezone": "'America/New_York'"}),
    in_every_session(
        "dates and intervals written otherwise",
        14,
        {"datestyle": "'SQL, DMY'", "intervalstyle": "sql_standard"},
    ),
    with_locale(
        "Turkish", "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LC_COLLATE 'C' LC_CTYPE 'C'", 15
    ),
    with_locale(
        "phone book order, numbers by value",
        "LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk-kn' LC_COLLATE 'C' LC_CTYPE 'C'",
        17,
    ),
    with_locale("Unicode by code points", "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", 18),
    in_every_session("a longer search path", 14, {"search_path": '"$user", bot, public, pg_temp'}),
    Environment(
        "a role that may only create databases",
        18,
        statements=("CREATE ROLE modest LOGIN CREATEDB",),
        user="modest",
    ),
    in_every_session(
        "values and names written otherwise",
        16,
        {
            "quote_all_identifiers": "on",
            "bytea_output": "escape",
            "extra_float_digits": "0",
            "xmloption": "document",
            "client_min_messages": "debug1",
            "array_nulls": "on",
        },
    ),
    in_every_session(
        "a planner with other preferences",
        17,
        {
            "enable_seqscan": "off",
            "enable_hashjoin": "off",
            "plan_cache_mode": "force_generic_plan",
            "jit_above_cost": "0",
            "random_page_cost": "1.1",
            "default_statistics_target": "10",
        },
    ),
    in_every_session(
        "limits on time",
        13,
        {
            "statement_timeout": "'60s'",
            "lock_timeout": "'30s'",
            "idle_in_transaction_session_timeout": "'120s'",
            "deadlock_timeout": "'200ms'",
        },
    ),
    Environment(
        "a server for replication that logs a lot",
        15,
        settings={
            "wal_level": "logical",
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "40",
            "log_statement": "all",
            "log_min_duration_statement": "0",
            "track_commit_timestamp": "on",
            "password_encryption": "md5",
        },
    ),
)
