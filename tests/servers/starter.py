"""A program that starts a server, prints it as a line of JSON, and waits for its input to end.

With the server goes what its `postmaster.pid` says: another user could not read that.

With `fork` it has a child that inherits all it has, and does not end by itself.
"""

import json
import os
import signal
import sys
from pathlib import Path

from pytest_chopsticks.servers import Server, ServerRequest, start_server


def main() -> None:
    wish = json.loads(sys.argv[1])
    fork = wish.pop("fork", False)
    if "pg_bin" in wish:
        wish["pg_bin"] = Path(wish["pg_bin"])
    with start_server(ServerRequest(**wish)) as server:
        if fork and os.fork() == 0:
            signal.pause()
        facts = lock_file_of(server)
        print(json.dumps({"server": server.to_dict(), "lock_file": facts}), flush=True)
        sys.stdin.read()


def lock_file_of(server: Server) -> list[str]:
    if not server.data_directory:
        return []
    return (server.data_directory / "postmaster.pid").read_text().splitlines()


if __name__ == "__main__":
    main()
