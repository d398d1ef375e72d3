"""Finds what a driver started, wherever it has gone, by a mark in its environment."""

from __future__ import annotations

import psutil

MARK = "FAUXMPLEMENTATION"


def running(mark: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
