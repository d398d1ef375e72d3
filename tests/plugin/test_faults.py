"""What goes wrong while tests run concerns the test it happens to, and as few others as can be."""

from __future__ import annotations

import pytest

from tests.mount_namespace import in_namespace
from tests.plugin.scratch import Scratch

#: Each expects a pristine database and leaves a used one.
OTHERS = """
    @pytest.mark.parametrize("turn", [1, 2])
    def test_{name}(turn, chopsticks_conn):
        assert chopsticks_conn.execute("SELECT count(*) FROM agent_runners").fetchone() == (0,)
        chopsticks_conn.execute("INSERT INTO agent_runners VALUES ('r', 1)")
        chopsticks_conn.commit()
"""
BEFORE, AFTER = OTHERS.format(name="before"), OTHERS.format(name="after")

BACKEND = """
    import os
    import signal
    import psycopg
    import pytest
{before}
    def test_kill(chopsticks_db):
        with chopsticks_db.connect() as connection:
            connection.execute("INSERT INTO agent_runners VALUES ('r', 1)")
        # Without one of its processes the server ends the sessions of all, and recovers.
        with (
            pytest.raises(psycopg.OperationalError),
            chopsticks_db.connect() as witness,
            chopsticks_db.connect() as victim,
        ):
            os.kill(victim.info.backend_pid, signal.SIGKILL)
            witness.execute("SELECT pg_sleep(60)")
{after}
"""

POSTMASTER = """
    import os
    import pytest
    import signal
{before}
    def test_kill(chopsticks_server):
        facts = (chopsticks_server.data_directory / "postmaster.pid").read_text()
        os.kill(int(facts.split()[0]), signal.SIGKILL)
{after}
    def test_without_a_database():
        pass
"""

WORKER = """
    import os
    import pytest
    import signal
{before}
    def test_kill(chopsticks_conn):
        os.kill(os.getpid(), signal.SIGKILL)
{after}
"""

FULL = """
    import psycopg
    import pytest
{before}
    def test_fill(chopsticks_db):
        with chopsticks_db.connect(autocommit=True) as connection:
            connection.execute("CREATE TABLE big AS SELECT random() FROM generate_series(1, 999)")
            with pytest.raises(psycopg.errors.DiskFull):
                while True:
                    connection.execute("INSERT INTO big SELECT * FROM big")
{after}
"""


def written(text: str) -> str:
    return text.format(before=BEFORE, after=AFTER)


@pytest.mark.parametrize("isolation", ["recycle", "clone"])
def test_killed_backend(isolation: str, scratch: Scratch) -> None:
    scratch.write("test_it.py", written(BACKEND))
    outcome = scratch.pytest("--chopsticks-db", f"--chopsticks-isolation={isolation}")
    assert "5 passed" in outcome.output
    assert outcome.exit_status == 0


def test_killed_backend_of_a_kept_server(scratch: Scratch) -> None:
    scratch.write("test_it.py", written(BACKEND))
    outcome = scratch.pytest("--chopsticks-db", "--chopsticks-keep-server")
    assert outcome.exit_status == 0, outcome.output
    scratch.run(f"{scratch.python} -m pytest_chopsticks stop")


def test_killed_postmaster(scratch: Scratch) -> None:
    scratch.write("test_it.py", written(POSTMASTER))
    outcome = scratch.pytest("--chopsticks-db")
    assert "4 passed" in outcome.output
    assert "ERROR test_it.py::test_after[2]" in outcome.output
    assert "chopsticks: postgres ended before the run did. The end of its log:" in outcome.output
    assert "Traceback" not in outcome.output
    assert outcome.exit_status == 1


def test_postmaster_killed_by_the_last_test(scratch: Scratch) -> None:
    """Though no test needed it any more."""
    scratch.write("test_it.py", written(POSTMASTER))
    outcome = scratch.pytest("--chopsticks-db", "-k", "kill")
    assert "1 passed" in outcome.output
    assert "chopsticks: postgres ended before the run did" in outcome.output
    assert outcome.exit_status == 1


def test_killed_worker(scratch: Scratch) -> None:
    """The one that takes its place has the same server, and databases of its own."""
    scratch.write("test_it.py", written(WORKER))
    outcome = scratch.pytest("--chopsticks-db", "-n", "2")
    assert "1 failed, 4 passed" in outcome.output
    assert "crashed while running 'test_it.py::test_kill'" in outcome.output


def test_full_memory(scratch: Scratch) -> None:
    scratch.write("test_it.py", written(FULL))
    mount = f"mount -t tmpfs -o size=150m,mode=1777 none {scratch.run_root}"
    outcome = scratch.run([*in_namespace(mount), scratch.python, "-m", "pytest", "--chopsticks-db"])
    assert "5 passed" in outcome.output
    assert outcome.exit_status == 0
