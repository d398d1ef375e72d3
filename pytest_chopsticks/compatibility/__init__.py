"""Whether a migration is backward compatible: judged on a populated database, not by its text.

Every step is read (what its SQL says), watched (what the server does), and followed by what
statements of the version before then get. `findings` is what all of that comes to.
"""

from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.judge import judge_history
from pytest_chopsticks.compatibility.judge_options import ApplicationSql, JudgeOptions
from pytest_chopsticks.compatibility.judged_step import JudgedStep

__all__ = [
    "ApplicationSql",
    "Evidence",
    "Family",
    "Finding",
    "JudgeOptions",
    "JudgedStep",
    "Place",
    "Verdict",
    "judge_history",
]
