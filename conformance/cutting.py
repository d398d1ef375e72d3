"""Ways to cut an operation short: its connection is terminated, or the driver's process killed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .contention import Contest


class Cutting(Protocol):
    """A way to cut the operation that the contest's first driver is carrying out."""

    @property
    def done(self) -> str:
        """What was done, in words."""

    def places(self, operation: str) -> Sequence[str]:
        """Where an operation is to be cut: at the wallet of one of its users, or at a table."""

    def waiting(self, contest: Contest, backends: Sequence[int]) -> None:
        """Cut it while these backends wait for a lock."""

    def anywhere(self, contest: Contest) -> None:
        """Cut it wherever it is."""

    def settle(self, contest: Contest) -> None:
        """Return when nothing of it is going on any more."""


class _Terminated:
    done = "its connection having been terminated"

    def places(self, operation: str) -> Sequence[str]:  # noqa: ARG002
        return ("payer", "receiver", "user_wallets", "transaction_log")

    def waiting(self, contest: Contest, backends: Sequence[int]) -> None:
        contest.gate.terminate(backends)

    def anywhere(self, contest: Contest) -> None:
        contest.gate.terminate_others()

    def settle(self, contest: Contest) -> None:
        """Those that were terminated have ended."""


class _Killed:
    """At fewer places, because a process has to be started each time: where a half can be done."""

    done = "its process having been killed"

    def places(self, operation: str) -> Sequence[str]:
        if operation == "wallets.transfer":
            return ("receiver", "transaction_log")
        return ("transaction_log",) if operation in _LOGGED else ("payer",)

    def waiting(self, contest: Contest, backends: Sequence[int]) -> None:  # noqa: ARG002
        self.anywhere(contest)

    def anywhere(self, contest: Contest) -> None:
        contest.drivers[0].kill()

    def settle(self, contest: Contest) -> None:
        contest.drivers[0].give_up()
        contest.gate.wait_for_others_to_end()


_LOGGED = ("wallets.credit", "wallets.debit")

TERMINATED: Cutting = _Terminated()
KILLED: Cutting = _Killed()
