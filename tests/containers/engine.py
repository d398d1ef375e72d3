"""A container engine of the tests' own: Podman, speaking Docker's API on a socket in a directory.

As root, or without it in a user namespace. Nothing of it is shared with a Podman that is used for
something else.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.containers.image import CHANGES, write_root_file_system
from tests.user_namespace import INSTALL, NoNamespace, remove, require_subordinate_ids

#: What Podman calls, as root and as anyone else.
PROGRAMS = {True: ("podman", "runc", "iptables"), False: ("podman", "runc", "slirp4netns")}

#: Where the network of a container that is not root's begins.
TUN = Path("/dev/net/tun")

#: Seconds until the service listens, or has ended.
PATIENCE = 20

#: Podman's own are above what a process without privileges may set.
LIMITS = {"nofile": (resource.RLIMIT_NOFILE, 20000), "nproc": (resource.RLIMIT_NPROC, 4096)}

#: Variables that lead to what another Podman of the same user has.
PLACES = ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")

CONFIGURATION = """\
[containers]
default_ulimits = {limits}

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
        own = dict.fromkeys(PLACES, str(self.directory))
        return {**os.environ, **own, "CONTAINERS_CONF": str(self.directory / "containers.conf")}

    @contextmanager
    def serving(self) -> Iterator[None]:
        (self.directory / "containers.conf").write_text(_configuration())
        with (
            (self.directory / "log").open("wb") as log,
            subprocess.Popen(
                [*self._command, "system", "service", "--time=0", self.url],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ) as service,
        ):
            try:
                self._wait_until_it_listens(service)
                yield
            finally:
                with suppress(AssertionError):
                    self.remove_containers()
                self._let_go_of_the_namespace()
                _end_group(service)

    def _let_go_of_the_namespace(self) -> None:
        """End the process by which Podman, when it is not root, keeps its user namespace."""
        for path in (self.directory / "tmpdir", self.directory / "libpod" / "tmp"):
            with suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int((path / "pause.pid").read_text()), signal.SIGKILL)

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
    _require_programs()
    directory = Path(tempfile.mkdtemp(prefix="engine-"))
    try:
        with Engine(directory).serving():
            yield Engine(directory)
    finally:
        remove(directory)


def _require_programs() -> None:
    root = os.geteuid() == 0
    missing = [name for name in PROGRAMS[root] if not shutil.which(name)]
    if missing:
        raise EngineMissing(f"{', '.join(missing)} missing; run as root: {INSTALL}")
    if root:
        return
    try:
        require_subordinate_ids()
    except NoNamespace as error:
        raise EngineMissing(str(error)) from error
    if not os.access(TUN, os.R_OK | os.W_OK):
        raise EngineMissing(f"{TUN} cannot be opened; run as root: {INSTALL}")


def _configuration() -> str:
    limits = []
    for name, (number, wanted) in LIMITS.items():
        _, most = resource.getrlimit(number)
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        limits.append(f"{name}={limit}:{limit}")
    return CONFIGURATION.format(limits=json.dumps(limits))


def _end_group(service: subprocess.Popen[bytes]) -> None:
    """End a service, and its child in the user namespace, which may outlive it."""
    deadline = time.monotonic() + PATIENCE
    with suppress(ProcessLookupError):
        os.killpg(service.pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            service.poll()
            os.killpg(service.pid, 0)
            time.sleep(0.02)
        os.killpg(service.pid, signal.SIGKILL)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0
