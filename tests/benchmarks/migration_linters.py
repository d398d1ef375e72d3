"""The judge and squawk side by side on the labelled migrations: `python migration_linters.py`.

For each rule: how many cases are bad and good, how many bad ones each tool finds nothing wrong with
(missed), and how many good ones it finds fault with (false alarms). "default" is squawk with the
rules that it has on by itself, "all rules" with those that it leaves to the user to turn on; which
of its findings count, and what was done in its favour, is in `squawk_findings`. Neither what it
lacks by design (what a `down` does, other rows, the application's statements) nor what it is
overruled in by the document's policy is held against it elsewhere than in these numbers.

"wrong" counts more strictly, for the judge alone: every family must be the one it is, and the words
of the finding those that name the fault. Arguments are prefixes of the cases to take.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pytest_chopsticks.command_line.own_databases import own_databases
from pytest_chopsticks.compatibility import JudgedStep
from pytest_chopsticks.databases import BuiltBy
from tests.benchmarks.squawk_findings import squawk_findings
from tests.compatibility.judged_cases import build_canonical_schema, disagreements, judged
from tests.compatibility.labelled_cases import LabelledCase, labelled_cases

HEADER = f"{'':28} {'':9} {'judge':^19} {'squawk, default':^15} {'squawk, all':^15}"
COLUMNS = (
    f"{'rule':28} {'bad':>4} {'good':>4} {'missed':>6} {'false':>5} {'wrong':>6}"
    f" {'missed':>8} {'false':>6} {'missed':>8} {'false':>6}"
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What each tool says: whether there is something wrong with a case."""

    judge: Mapping[LabelledCase, JudgedStep]
    default: Mapping[LabelledCase, frozenset[str]]
    all_rules: Mapping[LabelledCase, frozenset[str]]


def main() -> None:
    prefixes = tuple(sys.argv[1:]) or ("",)
    cases = [case for case in labelled_cases() if str(case).startswith(prefixes)]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory)
        answers = Answers(
            judge=judge_findings(cases, path),
            default=squawk_findings(cases, path, opt_in=False),
            all_rules=squawk_findings(cases, path, opt_in=True),
        )
    print(HEADER)
    print(COLUMNS)
    for rule in dict.fromkeys(case.rule for case in cases):
        print(row(rule, [case for case in cases if case.rule == rule], answers))
    print(row("all", cases, answers))


def judge_findings(
    cases: Iterable[LabelledCase], directory: Path
) -> Mapping[LabelledCase, JudgedStep]:
    """Every case judged on a server of its own."""
    found = {}
    with own_databases(tcp=False) as databases:
        canonical = databases.template(BuiltBy(build_canonical_schema))
        for number, case in enumerate(cases):
            files = directory / f"case_{number}"
            files.mkdir()
            found[case] = judged(case, databases, canonical, files)
    return found


def row(name: str, cases: Sequence[LabelledCase], answers: Answers) -> str:
    """A line of the table."""
    bad = [case for case in cases if case.label == "bad"]
    judge = mistakes(cases, lambda case: judge_finds_fault(case, answers.judge[case]))
    wrong = sum(bool(disagreements(case, answers.judge[case])) for case in cases)
    default = mistakes(cases, lambda case: squawk_finds_fault(case, answers.default[case]))
    every = mistakes(cases, lambda case: squawk_finds_fault(case, answers.all_rules[case]))
    return (
        f"{name:28} {len(bad):>4} {len(cases) - len(bad):>4} {judge[0]:>6} {judge[1]:>5} {wrong:>6}"
        f" {default[0]:>8} {default[1]:>6} {every[0]:>8} {every[1]:>6}"
    )


def judge_finds_fault(case: LabelledCase, step: JudgedStep) -> bool:
    """Whether it does, but for families that readings of a good one differ about."""
    return any(case.label == "bad" or one.family not in case.tolerated for one in step.breaks)


def squawk_finds_fault(case: LabelledCase, rules: frozenset[str]) -> bool:
    """The same: as squawk names no family, nothing it says of such a good one is a false alarm."""
    return bool(rules) and (case.label == "bad" or not case.open)


def mistakes(
    cases: Iterable[LabelledCase], finds_fault: Callable[[LabelledCase], bool]
) -> tuple[int, int]:
    """How many bad cases were missed, and how many good ones found fault with."""
    wrong = [case for case in cases if finds_fault(case) is (case.label == "good")]
    return sum(c.label == "bad" for c in wrong), sum(c.label == "good" for c in wrong)


if __name__ == "__main__":
    main()
