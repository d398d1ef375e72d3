"""A server that takes connections over TLS alone, with a certificate of its own making."""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg.conninfo import make_conninfo

from pytest_chopsticks.servers import ServerRequest, start_server


@contextmanager
def tls_only_server(programs: Path, directory: Path) -> Iterator[str]:
    """An administrator's connection string, which trusts the certificate alone.

    The certificate is put into `directory`.
    """
    trusted = directory / "root.crt"
    with start_server(ServerRequest(origin="local", pg_bin=programs, tcp=True)) as server:
        assert server.data_directory
        assert server.tcp
        _certify(server.data_directory)
        shutil.copy(server.data_directory / "server.crt", trusted)
        rules = server.data_directory / "pg_hba.conf"
        rules.write_text(rules.read_text().replace("host ", "hostssl "))
        where = server.endpoint
        with psycopg.connect(
            host=where.host, port=where.port, user=server.user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute("CREATE ROLE admin SUPERUSER LOGIN PASSWORD 'right'")
            connection.execute("ALTER SYSTEM SET ssl = on")
            connection.execute("SELECT pg_reload_conf()")
        yield make_conninfo(
            host=server.tcp.host,
            port=server.tcp.port,
            user="admin",
            password="right",
            dbname="postgres",
            sslmode="verify-full",
            sslrootcert=str(trusted),
        )


def _certify(data: Path) -> None:
    """Put a certificate for the loopback address, and its key, where the server looks for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (data / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (data / "server.key").write_bytes(private)
    (data / "server.key").chmod(0o600)
    for path in (data / "server.crt", data / "server.key"):
        os.chown(path, data.stat().st_uid, data.stat().st_gid)
