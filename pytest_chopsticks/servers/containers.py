"""Whose a container is, and whether its run still lives: told by labels, never by name."""

from __future__ import annotations

import hashlib
import json
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker.errors  # type: ignore[import-untyped]
from docker import APIClient

from pytest_chopsticks.servers.owner import Owner

#: Holds the process that a container was made for, as JSON.
OWNER_LABEL = "pytest-chopsticks.owner"

#: Tells on which machine, and among which processes, that id is to be looked for.
MACHINE_LABEL = "pytest-chopsticks.machine"


def labels_of(owner: Owner) -> dict[str, str]:
    return {
        OWNER_LABEL: json.dumps({"pid": owner.pid, "started": owner.started}),
        MACHINE_LABEL: _machine(),
    }


def remove_abandoned_containers(client: APIClient) -> None:
    """Remove the containers, with their volumes, whose process on this machine has ended."""
    wanted = {"label": [OWNER_LABEL, f"{MACHINE_LABEL}={_machine()}"]}
    for container in client.containers(all=True, filters=wanted):
        if not _owner(container["Labels"]).lives:
            # Another run may be removing it as well.
            with suppress(docker.errors.APIError):
                client.remove_container(container["Id"], v=True, force=True)


def _owner(labels: dict[str, Any]) -> Owner:
    return Owner(**json.loads(labels[OWNER_LABEL]))


def _machine() -> str:
    """This machine and process namespace: one daemon may serve several of both."""
    facts = [platform.node()]
    with suppress(OSError):
        facts.append(Path("/etc/machine-id").read_text())
    with suppress(OSError):
        facts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
