"""The line printed with a failure keeps what made the run what it was."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_chopsticks.options import Options
from pytest_chopsticks.report.reproduction import reproduction
from tests.plugin.scratch import Scratch

ORDINARY = Options(
    enabled=True, server="auto", pg_bin=None, dsn=None, isolation="recycle", fresh=False,
    image="postgres:18", keep_minutes=None, tcp=False, time_limit=60, profile="default", seed=0,
    reports=(),
)  # fmt: skip
NODE = "chopsticks.toml::schema::test_table[user_pets]"


def test_an_ordinary_run_needs_no_option() -> None:
    assert reproduction(ORDINARY, NODE) == f"pytest --chopsticks-db '{NODE}'"


def test_what_shaped_the_run_is_there() -> None:
    options = replace(
        ORDINARY, server="local", pg_bin=Path("/opt/pg 13"), profile="thorough", seed=7
    )

    assert shlex.split(reproduction(options, NODE)) == [
        *("pytest", "--chopsticks-db", "--chopsticks-server=local"),
        *("--chopsticks-pg-bin=/opt/pg 13", "--chopsticks-profile=thorough", "--chopsticks-seed=7"),
        NODE,
    ]


@pytest.mark.parametrize(
    "dsn",
    ["host=db user=me password=geheim dbname=x", "postgresql://me:geheim@db/x", "geheim=="],
)
def test_no_password_is_printed(dsn: str) -> None:
    options = replace(ORDINARY, server="external", dsn=dsn)

    assert "geheim" not in reproduction(options, NODE)


def test_a_seed_finds_the_same_failure_again(scratch: Scratch) -> None:
    scratch.write(
        "acme_driver.py",
        """
        from pytest_chopsticks.bundled.reference_impl import Implementation as Reference
        from pytest_chopsticks.errors import Rejected

        class Implementation(Reference):
            # Some amounts are refused for no reason.

            def __init__(self, database, token_keys=()):
                super().__init__(database, token_keys)
                credit = self.wallets.credit

                def refusing(user_id, amount, reason):
                    if isinstance(amount, int) and amount % 7 == 3:
                        raise Rejected("invalid_amount")
                    return credit(user_id, amount, reason)

                self.wallets.credit = refusing
        """,
    )
    scratch.describe(python="acme_driver:Implementation")
    selected = (
        "--chopsticks-seed=41",
        "--chopsticks-profile=quick",
        "-k",
        "economy and rejections",
    )
    [failure] = _failures(scratch, *selected)

    line = shlex.split(failure["reproduce"])
    [again] = _failures(scratch, *line[1:])

    assert line[1:-1] == ["--chopsticks-db", "--chopsticks-profile=quick", "--chopsticks-seed=41"]
    assert failure["message"] == again["message"]
    assert f"Reproduce: {failure['reproduce']}" in failure["message"]


def _failures(scratch: Scratch, *arguments: str) -> list[dict[str, str]]:
    report = scratch.judge(*arguments).report
    return [one for one in report["requirements"] if one["status"] == "failed"]
