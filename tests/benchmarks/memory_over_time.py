"""Whether memory stays flat while the economy is searched for long.

`python -m tests.benchmarks.memory_over_time [MINUTES] [PYTEST ARGUMENTS]`: a thorough run in a
process of its own, looked at every ten seconds, ended after so many minutes (default: 60).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

import psutil

_EVERY_S = 10
_RUN = (sys.executable, "-m", "pytest", "--chopsticks-db", "--chopsticks-profile=thorough")
_WHAT = ("chopsticks.toml::economy",)


def main(minutes: float, arguments: Sequence[str]) -> None:
    with subprocess.Popen([*_RUN, *(arguments or _WHAT)], stdout=subprocess.DEVNULL) as run:
        sizes = watched(run, minutes * 60)
        run.terminate()
    third = max(1, len(sizes) // 3)
    # What the first minute imports and caches is not growth.
    early, late = median(sizes[third : 2 * third] or sizes), median(sizes[-third:])
    print(f"second third {early:.0f} MiB, last third {late:.0f} MiB: {late / early:.2f}")


def watched(run: subprocess.Popen[bytes], seconds: float) -> list[float]:
    """The memory of the process in MiB, every ten seconds until it ends or the time is over."""
    process, started = psutil.Process(run.pid), time.monotonic()
    sizes = []
    while run.poll() is None and (elapsed := time.monotonic() - started) < seconds:
        sizes.append(process.memory_full_info().uss / 2**20)
        print(f"{elapsed:6.0f} s  {sizes[-1]:6.1f} MiB", flush=True)
        time.sleep(_EVERY_S)
    return sizes


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0, sys.argv[2:])
