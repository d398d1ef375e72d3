"""What squawk says of the labelled migrations, as favourably as is honest.

Squawk reads one file and knows no schema, so it gets the `up` part alone, and is told whether a
transaction is around it. A good migration that declares something gets squawk's own comment that
silences it, as its author would have written one. Of its findings these do not count, for or
against it:

- STYLE: about the manner of writing, not about old clients, data or locks.
- TIMEOUTS: a missing time limit; it asks for one before nearly every statement.
- ALLOWED: opt-in rules that forbid what the document's policy lists as allowed.

Any other finding counts as having found whatever is wrong, even if it is about something else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.sql_parts import split_parts
from tests.compatibility.labelled_cases import LabelledCase

STYLE = frozenset(
    {
        "ban-char-field",
        "identifier-too-long",
        "prefer-bigint-over-int",
        "prefer-bigint-over-smallint",
        "prefer-identity",
        "prefer-robust-stmts",
        "prefer-text-field",
        "prefer-timestamp-tz",
        "require-enum-value-ordering",
        "require-table-schema",
    }
)
TIMEOUTS = frozenset(
    {"require-lock-timeout", "require-statement-timeout", "require-timeout-settings"}
)
ALLOWED = frozenset({"ban-add-column", "ban-set-default"})

OPT_IN = (
    "ban-add-composite-attribute",
    "ban-add-enum-value",
    "ban-alter-database-options",
    "ban-alter-extension",
    "ban-alter-function-options",
    "ban-alter-generated-expression",
    "ban-alter-identity",
    "ban-alter-policy-condition",
    "ban-alter-policy-roles",
    "ban-alter-role-options",
    "ban-alter-row-level-security",
    "ban-alter-sequence-values",
    "ban-alter-system-options",
    "ban-alter-view-options",
    "ban-create-policy",
    "ban-detach-inheritance",
    "ban-disable-trigger",
    "ban-drop-constraint",
    "ban-drop-default",
    "ban-drop-domain",
    "ban-drop-extension",
    "ban-drop-function",
    "ban-drop-generated-expression",
    "ban-drop-index",
    "ban-drop-policy",
    "ban-drop-schema",
    "ban-drop-sequence",
    "ban-drop-trigger",
    "ban-drop-type",
    "ban-drop-view",
    "ban-new-write-restriction",
    "ban-replace-view-function",
    "ban-replica-identity",
    "ban-revoke",
    "ban-set-schema",
    "renaming-object",
)


def squawk_findings(
    cases: Iterable[LabelledCase], directory: Path, *, opt_in: bool
) -> Mapping[LabelledCase, frozenset[str]]:
    """The rules that count, by case; `directory` is where the files for it are written."""
    found: dict[LabelledCase, frozenset[str]] = {}
    for transaction in (True, False):
        paths = {
            directory / f"{transaction}_{number}.sql": case
            for number, case in enumerate(cases)
            if ("transaction:false" not in case.migration) is transaction
        }
        for path, case in paths.items():
            path.write_text(_for_squawk(case, directory), encoding="utf-8")
        rules = _run(paths, opt_in=opt_in, transaction=transaction)
        found |= {case: frozenset(rules.get(str(path), ())) for path, case in paths.items()}
    return found


def _for_squawk(case: LabelledCase, directory: Path) -> str:
    file = directory / "20270101_000000_whole.sql"
    file.write_text(case.migration, encoding="utf-8")
    up = split_parts(MigrationFile(file.name, file)).up
    declared = case.label == "good" and "chopsticks: allow" in case.migration
    return f"-- squawk-ignore-file\n{up}" if declared else up


def _run(paths: Iterable[Path], *, opt_in: bool, transaction: bool) -> Mapping[str, set[str]]:
    options = ["--reporter", "json", *(["--assume-in-transaction"] if transaction else [])]
    for rule in sorted(STYLE | TIMEOUTS | ALLOWED):
        options += ["--exclude", rule]
    for rule in OPT_IN if opt_in else ():
        options += ["--include", rule]
    squawk = str(Path(sys.executable).with_name("squawk"))
    ran = subprocess.run([squawk, *options, *map(str, paths)], capture_output=True, text=True)
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"squawk ended with {ran.returncode}: {ran.stderr}")
    rules: dict[str, set[str]] = {}
    for finding in json.loads(ran.stdout):
        rules.setdefault(finding["file"], set()).add(finding["rule_name"])
    return rules
