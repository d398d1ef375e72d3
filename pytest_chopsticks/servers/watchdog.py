"""Runs one program in a run directory and leaves nothing of either, however its starter ends.

A script for the bare interpreter (`python -I -S`), started in its own session so that Ctrl-C in
the terminal does not reach it or its child. Arguments: the starter's process id, the run
directory, the descriptor that holds the directory's lock, the user and group id of the program
(or `-`), and the program with its arguments.

Standard input is a pipe from the starter: its first byte starts the program; a second byte, its
end, or the starter's death stops it. The pipe's end alone would not do: a child that a test forks
keeps the other end open. Standard output is a pipe to the starter: it gets the exit status of a
program that ends by itself. Standard error is the log.

Because the program is this process's own child, its id cannot come to mean another process before
it is signalled. A Python script and not `sh`, because only so can it stay the owner of the run
directory while its child runs as another user, without further tools.

The server is waited for, and starting the interpreter is most of what it waits for: nothing is
imported that is not needed at once. `signal`, `pathlib` and `typing` would double that.
"""

from __future__ import annotations

import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator
else:
    try:
        # All but the enumerations, whose making takes as long as the rest of the start.
        import _signal as signal
    except ImportError:
        import signal

#: Seconds. On SIGQUIT the postmaster itself gives its children 5 before it kills them.
PATIENCE = 7.0

#: The exit status of what SIGKILL ended.
KILLED = 128 + 9

#: Seconds in which the children of an ended postmaster or initdb may end by themselves, which
#: spares their shared memory from being left behind.
GRACE = 1.0

#: Seconds between two looks at whether the starter still lives, when its pipe is kept open.
LOOK_AT_STARTER = 0.25


def main(starter: int, directory: str, lock: int, account: str, command: list[str]) -> None:
    """Run `command` when told to, and until told to stop; then clear `directory`."""
    os.set_inheritable(lock, False)
    signals = wakeups()
    child = None
    try:
        if told_to_start(starter, signals):
            child = launch(command, account)
            while not told_to_stop(starter, signals):
                if child and (status := ended(child)) is not None:
                    child = None
                    report(status)
    finally:
        if child and (status := stop(child)) is not None:
            report(status)
        clear(directory)


def wakeups() -> int:
    """A descriptor that becomes readable, with the signal's number, when a signal arrives."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return reading


def told_to_start(starter: int, signals: int) -> bool:
    while not told_to_stop(starter, signals):
        continue
    told, _, _ = select.select([0], [], [], 0)
    return bool(told and os.read(0, 1))


def launch(command: list[str], account: str) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        if account != "-":
            uid, gid = map(int, account.split(":"))
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        os.execv(command[0], command)  # noqa: S606
    except OSError as error:
        who = "" if account == "-" else f" as user {account}"
        os.write(2, f"{command[0]} could not be started{who}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def told_to_stop(starter: int, signals: int) -> bool:
    """Wait a moment for a reason to stop, or for anything else to happen."""
    ready, _, _ = select.select([0, signals], [], [], LOOK_AT_STARTER)
    terminated = signals in ready and signal.SIGTERM in os.read(signals, 64)
    return terminated or 0 in ready or os.getppid() != starter


def ended(child: int) -> int | None:
    """The exit status of a child that has ended, as a shell counts it."""
    process, status = os.waitpid(child, os.WNOHANG)
    if not process:
        return None
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def report(status: int) -> None:
    try:
        os.write(1, b"%d\n" % status)
    except BrokenPipeError:
        return


def stop(child: int) -> int | None:
    """Stop the child; the exit status of one that had ended, or that another had killed, before."""
    if (status := ended(child)) is not None:
        return status
    os.kill(child, signal.SIGQUIT)
    deadline = time.monotonic() + PATIENCE
    while (status := ended(child)) is None:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.001)
    return status if status == KILLED else None


def clear(directory: str) -> None:
    """Remove a run directory, and the processes and shared memory that a killed server left."""
    import shutil

    data = f"{directory}/data"
    deadline = time.monotonic() + GRACE
    while any(processes_in(data)) and time.monotonic() < deadline:
        time.sleep(0.01)
    while kill_processes_in(data) and time.monotonic() < deadline + GRACE:
        time.sleep(0.001)
    try:
        remove_shared_memory(data)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def kill_processes_in(data: str) -> bool:
    """Whether there were any; until it says no, some may not have ended yet."""
    processes = list(processes_in(data))
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return bool(processes)


def processes_in(data: str) -> Iterator[int]:
    """The processes that work in a data directory, as every process of a Postgres does.

    None where there is no `/proc`: there a killed postmaster's children end when they next wait.
    """
    try:
        numbers = [name for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return
    for number in numbers:
        try:
            if os.readlink(f"/proc/{number}/cwd") == data:
                yield int(number)
        except OSError:
            continue


def remove_shared_memory(data: str) -> None:
    """Remove that of a server which ended badly; few do, so this is a module of its own."""
    if not os.path.exists(f"{data}/postmaster.pid"):
        return
    from importlib.machinery import SourceFileLoader
    from types import ModuleType

    module = ModuleType("shared_memory")
    path = os.path.join(os.path.dirname(__file__), f"{module.__name__}.py")
    SourceFileLoader(module.__name__, path).exec_module(module)
    module.remove_shared_memory(data)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:])
