"""A container engine of the tests' own: Podman, speaking Docker's API on a socket in a directory.

It needs root. Nothing of it is shared with a Podman that is used for something else.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.containers.image import CHANGES, write_root_file_system

INSTALL = "apt-get install -y podman runc containernetworking-plugins iptables"

#: Seconds until the service listens.
PATIENCE = 20

CONFIGURATION = """\
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]

[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
"""


class EngineMissing(Exception):
    """Podman is not installed, or cannot work here; the text has the command that installs it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running service; `url` is what `DOCKER_HOST` names."""

    directory: Path

    @property
    def url(self) -> str:
        return f"unix://{self.directory}/podman.sock"

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to use it through testcontainers."""
        return {"DOCKER_HOST": self.url, "TESTCONTAINERS_CONNECTION_MODE": "docker_host"}

    def make_image(self, name: str) -> None:
        """Make the image of a server under a name such as `docker.io/library/postgres:18`."""
        archive = self.directory / "image.tar"
        write_root_file_system(archive)
        changes = [part for change in CHANGES for part in ("--change", change)]
        self.podman("import", *changes, str(archive), name)
        archive.unlink()

    def containers(self) -> list[str]:
        """The ids of all containers, running or not."""
        return self.podman("ps", "--all", "--quiet", "--no-trunc").split()

    def volumes(self) -> list[str]:
        return self.podman("volume", "ls", "--quiet").split()

    def remove_containers(self) -> None:
        self.podman("rm", "--all", "--force", "--volumes", "--time=0")

    def podman(self, *arguments: str) -> str:
        run = subprocess.run(
            [*self._command, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    @property
    def _command(self) -> Sequence[str]:
        places = ("root", "runroot", "tmpdir", "network-config-dir")
        flags = [f"--{place}={self.directory / place}" for place in places]
        return ["podman", *flags, "--storage-driver=overlay"]

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "CONTAINERS_CONF": str(self.directory / "containers.conf")}

    @contextmanager
    def serving(self) -> Iterator[None]:
        (self.directory / "containers.conf").write_text(CONFIGURATION)
        with (
            (self.directory / "log").open("wb") as log,
            subprocess.Popen(
                [*self._command, "system", "service", "--time=0", self.url],
                env=self._environment,
                stdout=log,
                stderr=log,
            ) as service,
        ):
            try:
                self._wait_until_it_listens(service)
                yield
            finally:
                with suppress(AssertionError):
                    self.remove_containers()
                service.terminate()

    def _wait_until_it_listens(self, service: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not _listens(self.directory / "podman.sock"):
            if service.poll() is not None or time.monotonic() > deadline:
                log = (self.directory / "log").read_text()
                raise EngineMissing(f"Podman's service did not start:\n{log}\n→ {INSTALL}")
            time.sleep(0.02)


@contextmanager
def running_engine() -> Iterator[Engine]:
    """An engine without images or containers; raises `EngineMissing`."""
    missing = [name for name in ("podman", "runc", "iptables") if not shutil.which(name)]
    if missing:
        raise EngineMissing(f"{', '.join(missing)} missing; run as root: {INSTALL}")
    directory = Path(tempfile.mkdtemp(prefix="engine-"))
    try:
        with Engine(directory).serving():
            yield Engine(directory)
    finally:
        shutil.rmtree(directory)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0
