"""What an operation answered, read by the operation's types; secrets in it are remembered."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.operations import Operation
from pytest_chopsticks.implementations.redaction import LearntSecrets

HIDDEN = "(not shown: it may hold a secret)"


def learn_arguments(
    operation: Operation, arguments: Mapping[str, object], learnt: LearntSecrets
) -> None:
    """Remember the secret arguments."""
    for argument in operation.arguments:
        if argument.secret and argument.name in arguments:
            learnt.learn(arguments[argument.name])


def read_answer(operation: Operation, value: object, moment: faults.Moment) -> object:
    """The result; raises ResultOfWrongShape, which shows the answer."""
    try:
        result = operation.read_result(value)
    except ValueError as error:
        excerpt = HIDDEN if operation.answers_secret else repr(value)
        raise faults.ResultOfWrongShape(moment, problem=error, excerpt=excerpt) from None
    if result is not None and operation.answers_secret:
        for field in operation.result:
            if field.secret:
                moment.redaction.learnt.learn(result[field.name])
    return result
