"""What a driver can do wrong, step by step; each class is one way, and owns its wording.

1. It is started: `DriverDidNotStart`, `DriverExitedAtStart`.
2. It shakes hands: `HandshakeTimedOut`, `HandshakeRefused`, `HandshakeMalformed`, `WrongProtocol`,
   `UnknownOperationClaimed`.
3. It is called: `NotClaimed`, `CallTimedOut`, `DriverExited`, `StoppedMeanwhile`,
   `RestartedTooOften`.
4. Its reply is read: `ReplyTooLong`, `ReplyCutOff`, `ReplyNotUtf8`, `ReplyNotJson`,
   `ReplyNotAnObject`, `ReplyMalformed`, `ReplyWithoutId`, `ReplyWithUnknownId`, `AnsweredTwice`.
5. The answer is looked at: `OperationLacking`, `OperationFailed`, `ReturnedCoroutine`,
   `ResultOfWrongShape`.
6. It is ended: `ChildrenSurvived`, `CloseFailed`.

None of them is a rejection, and the requirement in which one happens is an `error`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations.redaction import Redaction

_SHOWN_LINES = 20
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """When a fault happened: the call under way, the driver, what it had written meanwhile."""

    call: object
    redaction: Redaction
    driver: str | None = None
    output: str = ""

    def tell(self, what: str) -> str:
        """The whole message, secrets in it."""
        lines = [f"{self.call} {what}"]
        if self.driver:
            lines.append(f"the driver: {self.driver}")
        if written := self.output.splitlines():
            lines += ["it had written:", *(f"    {line}" for line in written[-_SHOWN_LINES:])]
        return "\n".join(lines)


class DriverFault(ImplementationFault):
    """Base of the faults of drivers.

    `brief` is what happened, without the call, the driver and its output. `leaked` says whether
    the driver showed a token or a key, which is masked.
    """

    says: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, moment: Moment, **facts: object) -> None:
        excerpt = str(facts.get("excerpt", ""))
        # Masked before it is cut: half a secret would not be known for one.
        facts["excerpt"] = _shortened(moment.redaction.redact(excerpt))
        what = self.says.format_map(facts)
        text = moment.tell(what)
        super().__init__(moment.redaction.redact(text), hint=self.advice.format_map(facts))
        self.brief = moment.redaction.redact(what)
        self.leaked = moment.redaction.leaks(text + excerpt)


def _shortened(text: str) -> str:
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}… ({len(text)} characters)"


class DriverDidNotStart(DriverFault):
    says = "could not begin: the driver did not start ({reason})"
    advice = "Is the program installed, executable and on the PATH, seen from {directory}?"


class DriverExitedAtStart(DriverFault):
    says = "was not answered: the driver ended at once, {how}"
    advice = "Run the command by hand: it should wait for lines on its standard input."


class HandshakeTimedOut(DriverFault):
    says = "was not answered within {limit:g} s"
    advice = (
        "Answer `initialize` at once, with one line; does the driver flush its standard output?"
    )


class HandshakeRefused(DriverFault):
    says = "was answered with an error: {message}"
    advice = "Run the command by hand and send it the line; its environment has DATABASE_URL."


class HandshakeMalformed(DriverFault):
    says = "was answered with another shape: {problem}"
    advice = (
        "Answer {{name, version, language, homepage, issues, operations: […], concurrent, clock}}."
    )


class WrongProtocol(DriverFault):
    says = "was answered in protocol {protocol}, and the suite speaks protocol 1"
    advice = "Use a release of the driver that speaks protocol 1."


class UnknownOperationClaimed(DriverFault):
    says = "was answered with an operation that the contract does not have: {operation!r}"
    advice = "{correction}Claim only operations of the contract."


class NotClaimed(DriverFault):
    says = "was asked for, but is not claimed"
    advice = "{remedy}"


class CallTimedOut(DriverFault):
    says = "was not answered within {limit:g} s; the driver was stopped"
    advice = "Does it wait for a lock, or for a connection of its pool that is never given back?"


class DriverExited(DriverFault):
    says = "was not answered: the driver ended, {how}"
    advice = "It crashed: an operation that fails should be answered with an error."


class StoppedMeanwhile(DriverFault):
    says = "was not answered: the driver was stopped, because of another call under way"
    advice = "See the fault of that other call."


class RestartedTooOften(DriverFault):
    says = "was not tried: the driver was restarted {times} times already"
    advice = "Look at its first fault: each restart followed another one."


class ReplyTooLong(DriverFault):
    says = "was answered with a line of more than {limit} bytes"
    advice = "Answer what the contract says and no more."


class ReplyCutOff(DriverFault):
    says = "was answered with half a line: {excerpt}"
    advice = "End every message with a newline, and flush."


class ReplyNotUtf8(DriverFault):
    says = "was answered with bytes that are not UTF-8: {excerpt}"
    advice = "JSON travels as UTF-8, or with \\u escapes."


class ReplyNotJson(DriverFault):
    says = "was answered with text that is not JSON: {excerpt}"
    advice = (
        "Standard output is the protocol's: send logging to standard error (and start a script "
        "with `npm run --silent`)."
    )


class ReplyNotAnObject(DriverFault):
    says = "was answered with {kind} where one object was expected: {excerpt}"
    advice = 'Answer each request with {{"jsonrpc": "2.0", "id": …, "result": …}} on its own line.'


class ReplyMalformed(DriverFault):
    says = "was answered with an object that is no JSON-RPC reply: {excerpt}"
    advice = "A reply has either `result`, or `error` with a number `code` and a text `message`."


class ReplyWithoutId(DriverFault):
    says = "was answered without an id: {excerpt}"
    advice = "Repeat the request's id in the reply."


class ReplyWithUnknownId(DriverFault):
    says = "was answered with the id of no request: {excerpt}"
    advice = "Repeat the request's id in the reply, as it is: an integer stays one."


class AnsweredTwice(DriverFault):
    says = "met a reply to a request that was answered before: {excerpt}"
    advice = "Send one reply to each request."


class OperationLacking(DriverFault):
    says = "is claimed, but the driver does not have it: {message}"
    advice = "Claim only the operations that can be called."


class OperationFailed(DriverFault):
    says = "{how}"
    advice = (
        "To refuse an operation, name the rejection: {spelling}. Anything else counts as a crash."
    )


class ReturnedCoroutine(DriverFault):
    says = "returned a coroutine"
    advice = "Operations are plain methods: call asyncio.run(…) inside."


class ResultOfWrongShape(DriverFault):
    says = "was answered with another shape: {problem}\nthe answer: {excerpt}"
    advice = "Answer what the contract says: its JSON Schemas are in implementations/schemas."


class ChildrenSurvived(DriverFault):
    says = "left processes behind, which were killed: {processes}"
    advice = "End what the driver started before it ends."


class CloseFailed(DriverFault):
    says = "{how}"
    advice = "close() gives back what the instance holds, and raises nothing."
