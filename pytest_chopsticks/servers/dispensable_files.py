"""Files of a cluster closed in good order that its server makes again, or does without.

Each of them costs time whenever the cluster, or one of its databases, is copied; a third of a new
cluster's bytes are in them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

# A relation's free space and visibility maps are made again when they are missed. Of relations
# made since, they stay: a template may have been vacuumed for its sake.
_MAP = re.compile(r"(?:base/\d+|global)/(?P<file>\d+)_(?:fsm|vm)")
_FIRST_OWN = 16384

# A start removes the relation caches, and counts from zero where there are no statistics.
_REBUILT = re.compile(r"(?:.*/)?pg_internal\.init|pg_stat/.*|postmaster\.opts")

_SEGMENT = re.compile(r"pg_wal/[0-9A-F]{8}(?P<high>[0-9A-F]{8})(?P<low>[0-9A-F]{8})")

# In pg_control, the position in the log of the last checkpoint: at the same place since 11.
_CHECKPOINT = struct.Struct("=Q")
_CHECKPOINT_AT = 32
_LOG_FILE = 1 << 32


def dispensable_files(data: Path, segment_size: int) -> Callable[[str], bool]:
    """What tells whether a file, by its name below `data`, may be left out of a copy.

    The server is stopped, and its log in segments of so many bytes.
    """
    control = (data / "global" / "pg_control").read_bytes()
    (checkpoint,) = _CHECKPOINT.unpack_from(control, _CHECKPOINT_AT)
    last = checkpoint // segment_size

    def is_dispensable(name: str) -> bool:
        if found := _MAP.fullmatch(name):
            return int(found["file"]) < _FIRST_OWN
        if found := _SEGMENT.fullmatch(name):
            segment = int(found["high"], 16) * (_LOG_FILE // segment_size) + int(found["low"], 16)
            # A start reads the checkpoint, which may go on in the next segment.
            return not last <= segment <= last + 1
        return bool(_REBUILT.fullmatch(name))

    return is_dispensable
