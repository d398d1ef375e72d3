"""Starts a container with a server and leaves nothing of it, however its starter ends.

Run as a program, with the starter's process id, an image and the server's settings as JSON. It
answers with a line about the server; when standard input has a byte or ends, or the starter dies,
it removes the container and answers with the log of one that had ended before. testcontainers has
a container for this, Ryuk, which is one more image to pull; and in this process of their own its
settings, and its memory, are no concern of the tests.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import docker.errors  # type: ignore[import-untyped]
import psycopg
import requests.exceptions
from testcontainers.core.config import ConnectionMode, testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import get_docker_host

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.containers import labels_of, remove_abandoned_containers
from pytest_chopsticks.servers.initialised import SUPERUSER
from pytest_chopsticks.servers.own_process import say, say_error
from pytest_chopsticks.servers.owner import Owner
from pytest_chopsticks.servers.ports import LOOPBACK
from pytest_chopsticks.servers.rootless_engine import SYSTEM, rootless_engine
from pytest_chopsticks.servers.server import Endpoint, Server
from pytest_chopsticks.servers.watchdog import told_to_stop, wakeups

PORT = 5432

#: Where the data lies: no image declares a volume there, which would be mounted over it.
MEMORY = "/chopsticks"

INITDB = "--encoding=UTF8 --locale=C --no-sync --wal-segsize=1"

#: Seconds for a server to become ready.
PATIENCE = 120.0

#: Seconds between two attempts to connect.
LOOK = 0.02

#: Lines of a container's log that an error shows.
LINES_SHOWN = 20


def main(starter: int, image: str, settings: Mapping[str, str]) -> None:
    signals = wakeups()
    try:
        with _container(image, settings, Owner.of(starter)) as (container, server):
            say({"server": server.to_dict()})
            while not told_to_stop(starter, signals):
                continue
            log = None if _is_running(container) else _log(container)
        say({"log": log})
    except ServerUnavailable as error:
        say_error(error)


@contextmanager
def _container(
    image: str, settings: Mapping[str, str], owner: Owner
) -> Iterator[tuple[DockerContainer, Server]]:
    testcontainers_config.ryuk_disabled = True
    if engine := rootless_engine():
        os.environ["DOCKER_HOST"] = engine
    password = secrets.token_urlsafe(18)
    container = _described(image, settings, owner, password)
    _fetch(container)
    try:
        _start(container)
        yield container, _server(container, password)
    finally:
        container.stop()


def _described(
    image: str, settings: Mapping[str, str], owner: Owner, password: str
) -> DockerContainer:
    try:
        container = DockerContainer(image, labels=labels_of(owner))
        remove_abandoned_containers(container.get_docker_client().client.api)
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise _no_daemon(error) from error
    container.with_envs(
        POSTGRES_USER=SUPERUSER,
        POSTGRES_PASSWORD=password,
        POSTGRES_DB="postgres",
        POSTGRES_INITDB_ARGS=INITDB,
        PGDATA=f"{MEMORY}/data",
    )
    container.with_tmpfs_mount(MEMORY)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    container.with_command(["postgres", *options])
    _publish_port(container)
    return container


def _publish_port(container: DockerContainer) -> None:
    """On loopback, if we reach the containers by it: a daemon elsewhere has another."""
    client = container.get_docker_client()
    here = client.get_connection_mode() is ConnectionMode.docker_host
    if here and client.host() in ("localhost", LOOPBACK):
        container.ports[f"{PORT}/tcp"] = (LOOPBACK,)  # type: ignore[assignment]
    else:
        container.with_exposed_ports(f"{PORT}/tcp")


def _fetch(container: DockerContainer) -> None:
    images = container.get_docker_client().client.images
    try:
        try:
            images.get(container.image)
        except docker.errors.ImageNotFound:
            images.pull(container.image)
    except docker.errors.DockerException as error:
        raise ServerUnavailable(
            f"the image {container.image} is not here and cannot be pulled: {_reason(error)}",
            hint=f"docker pull {container.image}, or choose another with --chopsticks-image",
        ) from error


def _start(container: DockerContainer) -> None:
    try:
        container.start()
    except docker.errors.DockerException as error:
        raise ServerUnavailable(
            f"a container of {container.image} does not start: {_reason(error)}",
            hint=f"try: docker run --rm -e POSTGRES_PASSWORD=x {container.image}",
        ) from error


def _server(container: DockerContainer, password: str) -> Server:
    host = container.get_container_host_ip()
    endpoint = Endpoint(LOOPBACK if host == "localhost" else host, _port(container))
    with _connection(container, endpoint, password) as connection:
        number = connection.info.server_version
        version = connection.info.parameter_status("server_version") or str(number)
    return Server(
        origin="docker",
        version=version.split()[0],
        version_num=number,
        detail=f"{container.image}, container {container.get_container_id()[:12]}",
        endpoint=endpoint,
        tcp=endpoint,
        user=SUPERUSER,
        password=password,
    )


def _port(container: DockerContainer) -> int:
    try:
        return container.get_exposed_port(PORT)
    except (ConnectionError, TimeoutError) as error:
        raise _not_ready(container) from error


def _connection(
    container: DockerContainer, endpoint: Endpoint, password: str
) -> psycopg.Connection[Any]:
    """Connect as soon as the server listens on TCP, which it does not while it is initialised."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(
                host=endpoint.host,
                port=endpoint.port,
                user=SUPERUSER,
                password=password,
                dbname="postgres",
                connect_timeout=5,
            )
        except psycopg.OperationalError:
            if time.monotonic() > deadline or not _is_running(container):
                raise _not_ready(container) from None
        time.sleep(LOOK)


def _is_running(container: DockerContainer) -> bool:
    try:
        container.reload()
    except docker.errors.DockerException:
        return False
    return container.status == "running"


def _not_ready(container: DockerContainer) -> ServerUnavailable:
    return ServerUnavailable(
        f"the server in a container of {container.image} did not become ready. "
        f"The end of its log:\n{_log(container)}",
        hint="choose an image that works as the official postgres does with --chopsticks-image",
    )


def _log(container: DockerContainer) -> str:
    try:
        log: bytes = container.get_wrapped_container().logs(tail=LINES_SHOWN)
    except docker.errors.DockerException as error:
        return _reason(error)
    return log.decode(errors="replace").strip()


def _no_daemon(error: Exception) -> ServerUnavailable:
    address = get_docker_host() or f"unix://{SYSTEM}"
    return ServerUnavailable(
        f"no container engine answers at {address}: {_reason(error)}",
        hint="start Docker, or Podman with: systemctl --user start podman.socket;"
        " DOCKER_HOST names an engine that listens elsewhere",
    )


def _reason(error: Exception) -> str:
    explanation = getattr(error, "explanation", None)
    return " ".join(str(explanation or error).split())[:300]


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
