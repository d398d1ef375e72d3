"""A server by its connection string, in each form that libpq takes, or the reason against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import Server, ServerRequest, start_server
from tests.poolers import running_pooler

PASSWORD = "p@ss/word"
QUOTED = "p%40ss%2Fword"


@pytest.fixture(scope="module")
def server(postgres_programs: dict[int, Path]) -> Iterator[Server]:
    """Somebody's server, with an administrator, a role that may create databases, and a guest."""
    request = ServerRequest(origin="local", pg_bin=postgres_programs[16], tcp=True)
    with start_server(request) as server, connect(server) as connection:
        for name, rights in (("admin", "SUPERUSER"), ("maker", "CREATEDB"), ("guest", "")):
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} " + rights)
            connection.execute(statement.format(sql.Identifier(name), sql.Literal(PASSWORD)))
        connection.commit()
        yield server


def connect(server: Server) -> psycopg.Connection[Any]:
    where = server.endpoint
    return psycopg.connect(host=where.host, port=where.port, user=server.user, dbname="postgres")


def reach(dsn: str) -> Server:
    with start_server(ServerRequest(dsn=dsn)) as reached:
        return reached


def refusal(dsn: str) -> str:
    with pytest.raises(ServerUnavailable) as caught:
        reach(dsn)
    assert "→" in str(caught.value)
    return str(caught.value)


def port_of(server: Server) -> int:
    assert server.tcp
    return server.tcp.port


def url(server: Server, user: str = "maker") -> str:
    return f"postgresql://{user}:{QUOTED}@127.0.0.1:{port_of(server)}/postgres"


def test_url(server: Server) -> None:
    reached = reach(url(server))
    assert reached.endpoint == reached.tcp == server.tcp
    assert (reached.origin, reached.user, reached.password) == ("external", "maker", PASSWORD)
    assert reached.version_num == server.version_num
    assert reached.kept


def test_rights_of_the_role(server: Server) -> None:
    assert not reach(url(server, "maker")).superuser
    assert reach(url(server, "admin")).superuser


def test_keywords_and_parameters(server: Server) -> None:
    reached = reach(
        f"host=127.0.0.1 port={port_of(server)} user=maker password='{PASSWORD}' dbname=postgres"
        " sslmode=disable application_name=mine"
    )
    assert dict(reached.parameters) == {"sslmode": "disable", "application_name": "mine"}


def test_first_host_that_answers(server: Server) -> None:
    hosts = f"127.0.0.1:1,127.0.0.1:{port_of(server)}"
    assert reach(f"postgresql://maker:{QUOTED}@{hosts}/postgres").endpoint == server.tcp


def test_socket(server: Server) -> None:
    where = server.endpoint
    reached = reach(f"host={where.host} port={where.port} user=maker dbname=postgres")
    assert (reached.endpoint, reached.tcp) == (where, None)


def test_service(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service stands for is written out: other programs may not know it."""
    services = tmp_path / "services"
    facts = f"[here]\nhost=127.0.0.1\nport={port_of(server)}\nuser=maker\ndbname=postgres\n"
    services.write_text(f"{facts}password={PASSWORD}\nsslmode=disable\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    reached = reach("service=here")
    assert (reached.endpoint, reached.user, reached.password) == (server.tcp, "maker", PASSWORD)
    assert dict(reached.parameters) == {"sslmode": "disable"}


def test_maintenance_database_is_the_one_of_the_connection_string(server: Server) -> None:
    assert reach(url(server).replace("/postgres", "/template1")).maintenance_database == "template1"


def test_nothing_is_changed(server: Server) -> None:
    listing = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1"
    with connect(server) as connection:
        before = connection.execute(listing).fetchall()
        reach(url(server))
        assert connection.execute(listing).fetchall() == before


def test_role_that_may_not_create_databases(server: Server) -> None:
    message = refusal(url(server, "guest"))
    assert "the role guest of --chopsticks-dsn may not create databases" in message
    assert "→ run as its administrator: ALTER ROLE guest CREATEDB" in message


def test_wrong_password(server: Server) -> None:
    message = refusal(url(server).replace(QUOTED, "guessed"))
    assert "password authentication failed" in message
    assert "guessed" not in message


def test_nobody_listens() -> None:
    message = refusal("postgresql://maker:secret@127.0.0.1:1/postgres")
    assert "does not let us in" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "dsn",
    ["secret", "postgresql://maker:se@cret@host/postgres", "postgresql://maker:se/cret@host/x"],
)
def test_misunderstood_string_is_not_repeated(dsn: str) -> None:
    message = refusal(dsn)
    assert "cannot be understood" in message
    assert "cret" not in message


def test_too_old(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_chopsticks.servers.external.OLDEST", 170000)
    assert "is PostgreSQL 16." in refusal(url(server))


def test_request_does_not_show_the_password(server: Server) -> None:
    request = ServerRequest(dsn=url(server))
    assert QUOTED not in repr(request)
    assert PASSWORD not in repr(reach(url(server)))


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_pooler_that_shares_sessions(mode: str, server: Server) -> None:
    with running_pooler(server, mode) as pooler:
        assert "leads to a connection pooler that shares sessions" in refusal(pooler)


def test_pooler_that_gives_each_client_a_session(server: Server) -> None:
    with running_pooler(server, "session") as pooler:
        assert reach(pooler).pooled


def test_server_itself_is_no_pooler(server: Server) -> None:
    assert not reach(url(server)).pooled
