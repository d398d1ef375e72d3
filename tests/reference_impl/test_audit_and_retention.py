"""The audit trail, and how long it and the daily counts are kept."""

import time
from typing import Any

import pytest

from reference_impl import Implementation, retention

from .conftest import Observer
from .rejected import rejected

NOW = int(time.time() * 1000)
HOUR = 60 * 60 * 1000
DAY = 24 * HOUR
NONSENSE: tuple[Any, ...] = (None, "soon", "", True, [], {}, -1, 0, 1e300, 10**400)


def age_entries(observer: Observer, guild_id: str, *ages_ms: int) -> None:
    for age_ms in ages_ms:
        observer.execute(
            "INSERT INTO audit_log (guild_id, user_id, action, details, created_at)"
            " VALUES (%s, '1', 'ban', to_jsonb(%s::bigint), to_timestamp(%s / 1000.0))",
            guild_id,
            age_ms,
            NOW - age_ms,
        )


def kept_ages(observer: Observer) -> list[int]:
    return [age for (age,) in observer.rows("SELECT details FROM audit_log ORDER BY id")]


def test_an_entry_is_appended(implementation: Implementation, observer: Observer) -> None:
    details = {"who": "'; --", "n": 2**70, "nothing": None}

    implementation.audit.record(guild_id="1", user_id="2", action="ban", details=details)
    implementation.audit.record(guild_id="1", user_id="2", action="kick")

    assert observer.rows("SELECT guild_id, user_id, action, details FROM audit_log") == [
        ("1", "2", "ban", details),
        ("1", "2", "kick", None),
    ]
    assert observer.value("SELECT bool_and(now() - created_at < '1 minute') FROM audit_log")


def test_nul_is_refused(implementation: Implementation) -> None:
    with rejected("invalid_text"):
        implementation.audit.record(guild_id="1", user_id="2", action="ban\0")
    with rejected("invalid_text"):
        implementation.audit.record(guild_id="1", user_id="2", action="ban", details="\0")


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        (None, 90),
        ({}, 90),
        ({"auditRetentionDays": 7}, 7),
        ({"auditRetentionDays": 400}, 400),
        *(({"auditRetentionDays": nonsense}, 90) for nonsense in NONSENSE),
    ],
    ids=repr,
)
def test_audit_entries_go_after_the_guilds_retention(
    implementation: Implementation, observer: Observer, settings: Any, days: int
) -> None:
    if settings is not None:
        implementation.settings.save(guild_id="1", data=settings, expected_rev=0)
    kept, gone = days * DAY - HOUR, (days + 1) * DAY + HOUR
    age_entries(observer, "1", kept, gone)

    answer = implementation.retention.purge(now_ms=NOW)

    assert answer == {"audit_log": 1, "command_stats_daily": 0}
    assert kept_ages(observer) == [kept]


def test_each_guild_has_its_own_retention(
    implementation: Implementation, observer: Observer
) -> None:
    implementation.settings.save(guild_id="1", data={"auditRetentionDays": 7}, expected_rev=0)
    age_entries(observer, "1", 30 * DAY)
    age_entries(observer, "2", 30 * DAY, 100 * DAY)

    assert implementation.retention.purge(now_ms=NOW)["audit_log"] == 2

    assert kept_ages(observer) == [30 * DAY]


def test_daily_counts_go_after_365_days(implementation: Implementation, observer: Observer) -> None:
    for age in (0, 364, 365, 366, 1000):
        implementation.commands.record("1", "c", True, 1, NOW - age * DAY)

    answer = implementation.retention.purge(now_ms=NOW)

    assert answer == {"audit_log": 0, "command_stats_daily": 2}
    assert observer.value("SELECT count FROM command_stats") == 5


def test_batches_leave_nothing_over(
    implementation: Implementation, observer: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    age_entries(observer, "1", *(n % 2 * 100 * DAY for n in range(20)))
    for age in range(400, 420):
        implementation.commands.record("1", "c", True, 1, NOW - age * DAY)

    answer = implementation.retention.purge(now_ms=NOW)

    assert answer == {"audit_log": 10, "command_stats_daily": 20}
    assert implementation.retention.purge(now_ms=NOW) == {"audit_log": 0, "command_stats_daily": 0}


def test_a_purge_spares_the_immutable_tables(
    implementation: Implementation, observer: Observer
) -> None:
    implementation.wallets.credit("1", 1, "daily")
    immutable = "SELECT xmin::text, ctid::text, 'm', version FROM schema_migrations UNION ALL"
    immutable += " SELECT xmin::text, ctid::text, 't', id::text FROM transaction_log"
    before = observer.rows(immutable)

    implementation.retention.purge(now_ms=NOW + 1000 * DAY)

    assert observer.rows(immutable) == before
