"""A directory of small files as one sequence of bytes, quick to write out again.

The three databases of a new cluster are equal file by file; each content is kept once, which makes
the archive a third of a tar file. Writing it out takes 40 ms where `tarfile` takes 250.

Layout: a line with the CRC-32 of all that follows, a line of JSON with the directories and with
path, offset and size of each file, then the contents.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

from pytest_chopsticks.servers.account import Account

#: Where the body starts, after eight hexadecimal digits and the end of the line.
_BODY = 9


def pack(directory: Path) -> bytes:
    """The directories and regular files below `directory`; modes and owners are not kept."""
    contents = bytearray()
    offsets: dict[bytes, int] = {}
    directories: list[str] = []
    files: list[tuple[str, int, int]] = []
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_dir():
            directories.append(name)
            continue
        content = path.read_bytes()
        if content not in offsets:
            offsets[content] = len(contents)
            contents += content
        files.append((name, offsets[content], len(content)))
    index = json.dumps({"directories": directories, "files": files}).encode()
    body = index + b"\n" + contents
    return b"%08x\n" % zlib.crc32(body) + body


def is_intact(archive: bytes) -> bool:
    """Whether these bytes are wholly what `pack` made."""
    body = memoryview(archive)[_BODY:]
    return archive[:_BODY] == b"%08x\n" % zlib.crc32(body)


def unpack(archive: bytes, directory: Path, owner: Account | None) -> None:
    """Write an intact archive into an existing `directory`, private to `owner` or to ourselves."""
    end = archive.index(b"\n", _BODY)
    index = json.loads(archive[_BODY:end])
    contents = memoryview(archive)[end + 1 :]
    root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in index["directories"]:
            os.mkdir(name, 0o700, dir_fd=root)
            if owner:
                os.chown(name, owner.uid, owner.gid, dir_fd=root)
        for name, offset, size in index["files"]:
            _write(root, name, contents[offset : offset + size], owner)
    finally:
        os.close(root)


def _write(root: int, name: str, content: memoryview, owner: Account | None) -> None:
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=root)
    try:
        while content:
            content = content[os.write(file, content) :]
        if owner:
            os.fchown(file, owner.uid, owner.gid)
    finally:
        os.close(file)
