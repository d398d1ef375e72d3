"""A server in a container, by Docker or by Podman's service that speaks its language."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.cluster import SETTINGS
from pytest_chopsticks.servers.origin import Unavailable
from pytest_chopsticks.servers.own_process import own_process
from pytest_chopsticks.servers.server import Server, ServerRequest


class Docker:
    """A container of `--chopsticks-image`."""

    name = "docker"

    def find(self, request: ServerRequest) -> Image | Unavailable:
        if find_spec("testcontainers") is None:
            return Unavailable("testcontainers is not installed", "pip install testcontainers")
        return Image(request.image)


@dataclass(frozen=True, slots=True)
class Image:
    """The name of an image, on the daemon that the environment leads to."""

    name: str

    @property
    def identity(self) -> str:
        return f"{self.name} {os.environ.get('DOCKER_HOST')}"

    @contextmanager
    def start(self, request: ServerRequest) -> Iterator[Server]:
        """A server whose container another process starts, watches over and removes."""
        settings = json.dumps({**SETTINGS, **dict(request.settings)})
        with own_process("container_watchdog", str(os.getpid()), self.name, settings) as watchdog:
            yield Server.from_dict(watchdog.answer()["server"])
            watchdog.stop()
            end = watchdog.answer()
        if end["log"] is not None:
            raise ServerUnavailable(
                f"The container ended before the run did. The end of its log:\n{end['log']}",
                hint="Look for what stopped it; without a line about that, memory ran out.",
            )
