"""Runs a driver and writes down what it says and hears: `recording.py FILE PROGRAM ARGUMENT…`."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import IO


def main() -> int:
    record = Path(sys.argv[1]).open("ab", buffering=0)  # noqa: SIM115
    driver = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert driver.stdin is not None
    assert driver.stdout is not None
    hears = threading.Thread(target=copy, args=(sys.stdin.buffer, driver.stdin, record, b"> "))
    hears.start()
    copy(driver.stdout, sys.stdout.buffer, record, b"< ")
    hears.join()
    return driver.wait()


def copy(source: IO[bytes], destination: IO[bytes], record: IO[bytes], direction: bytes) -> None:
    for line in source:
        record.write(direction + line)
        destination.write(line)
        destination.flush()
    destination.close()


if __name__ == "__main__":
    sys.exit(main())
