"""PostgreSQL 13 to 18 all start."""

from __future__ import annotations

import psycopg

from pytest_chopsticks.servers import Server


def test_version_is_the_one_that_the_server_reports(each_postgres: Server) -> None:
    where = each_postgres.endpoint
    with psycopg.connect(
        host=where.host, port=where.port, user=each_postgres.user, dbname="postgres"
    ) as connection:
        assert connection.info.server_version == each_postgres.version_num
