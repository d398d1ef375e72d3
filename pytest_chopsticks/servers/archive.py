"""A directory of small files as one file, quick to write out again.

The databases of a cluster are equal file by file, but for what was changed in one of them; each
content is kept once, and without the zeros at its end, which makes the archive a third of a tar
file. It is mapped into memory, so that each byte is copied once on its way into the directory.

Layout: a line with the CRC-32 of all that follows, a line of JSON with the directories and with
path, offset, bytes kept and size of each file, then the contents.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from pytest_chopsticks.servers.account import Account

#: What tells this layout from others in a cache.
LAYOUT = 2

#: Where the body starts, after eight hexadecimal digits and the end of the line.
_BODY = 9

# Linux reads the whole file at once, instead of page by page as they are touched.
_MAPPED = mmap.MAP_PRIVATE | getattr(mmap, "MAP_POPULATE", 0)


class Archive:
    """An intact archive. It holds its memory, or its file, as long as it is there itself."""

    def __init__(self, packed: memoryview) -> None:
        """Raises ValueError when these bytes are not wholly what `pack` made."""
        body = packed[_BODY:]
        if packed[:_BODY] != b"%08x\n" % zlib.crc32(body):
            raise ValueError("not an intact archive")
        end = _end_of_line(body)
        index = json.loads(bytes(body[:end]))
        self._directories: list[str] = index["directories"]
        self._files: list[tuple[str, int, int, int]] = index["files"]
        self._contents = body[end + 1 :]

    @classmethod
    def at(cls, path: Path) -> Self:
        """The archive in a file that is never changed in place; raises OSError, ValueError."""
        with path.open("rb") as file:
            return cls(memoryview(mmap.mmap(file.fileno(), 0, flags=_MAPPED, prot=mmap.PROT_READ)))

    def unpack(self, directory: Path, owner: Account | None) -> None:
        """Write all of it into an empty `directory`, private to `owner` or to ourselves."""
        self.make_directories(directory, owner)
        self.write_files(directory, owner, _any)

    def make_directories(self, directory: Path, owner: Account | None) -> None:
        """The part of `unpack` that comes first."""
        with _opened(directory) as root:
            for name in self._directories:
                os.mkdir(name, 0o700, dir_fd=root)
                if owner:
                    os.chown(name, owner.uid, owner.gid, dir_fd=root)

    def write_files(
        self, directory: Path, owner: Account | None, wanted: Callable[[str], bool]
    ) -> None:
        """The part of `unpack` that may be done in several: the files whose names are wanted."""
        with _opened(directory) as root:
            for name, offset, kept, size in self._files:
                if wanted(name):
                    _write(root, name, self._contents[offset : offset + kept], size, owner)


def _any(_: str) -> bool:
    return True


def _none(_: str) -> bool:
    return False


def pack(directory: Path, left_out: Callable[[str], bool] = _none) -> bytes:
    """The directories and regular files below `directory`; modes and owners are not kept."""
    contents = bytearray()
    offsets: dict[bytes, int] = {}
    directories: list[str] = []
    files: list[tuple[str, int, int, int]] = []
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_dir():
            directories.append(name)
        elif not left_out(name):
            whole = path.read_bytes()
            content = whole.rstrip(b"\0")
            if content not in offsets:
                offsets[content] = len(contents)
                contents += content
            files.append((name, offsets[content], len(content), len(whole)))
    index = json.dumps({"directories": directories, "files": files}).encode()
    body = index + b"\n" + contents
    return b"%08x\n" % zlib.crc32(body) + body


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _end_of_line(body: memoryview) -> int:
    """Where the first line ends, which JSON does not break."""
    start, step = 0, 1 << 16
    while (found := bytes(body[start : start + step]).find(b"\n")) < 0:
        start += step
    return start + found


def _write(root: int, name: str, content: memoryview, size: int, owner: Account | None) -> None:
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=root)
    try:
        rest = content
        while rest:
            rest = rest[os.write(file, rest) :]
        if len(content) < size:
            os.ftruncate(file, size)
        if owner:
            os.fchown(file, owner.uid, owner.gid)
    finally:
        os.close(file)
