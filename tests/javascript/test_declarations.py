"""The helpers know the operations of the contract, and their integers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from pytest_chopsticks.implementations.operations import CATALOGUE, Argument
from pytest_chopsticks.implementations.operations.value_types import Amount, Integer
from tests.javascript.driver_process import NODE_HELPER

DECLARATION = NODE_HELPER.with_suffix(".d.mts")
INTEGERS = {
    argument.name
    for operation in CATALOGUE
    for argument in operation.arguments
    if isinstance(argument.type, Integer | Amount)
}
_TYPES = {"Amount": "Integer", "Integer": "Integer", "Text": "string", "Boolean": "boolean"}
_TYPES |= {"Document": "Document", "Key": "TokenKey"}


def declared_operations() -> dict[str, set[str]]:
    """Each operation's declared arguments, as they are written."""
    text = DECLARATION.read_text()
    block = text[text.index("interface Operations") : text.index("interface Options")]
    found = re.finditer(
        r"^  '?([a-z_.]+)'?\?: Operation<\s*(\{[^}]*\}|Record)", block, re.MULTILINE
    )
    return {match[1]: set(re.findall(r"(\w+\??: [^;}]+?)\s*[;}]", match[2])) for match in found}


def declaration_of(argument: Argument) -> str:
    kind = "'daily' | 'weekly'" if argument.name == "kind" else _TYPES[type(argument.type).__name__]
    return f"{argument.name}{'?' if argument.optional else ''}: {kind}"


def test_the_declaration_has_every_operation_with_its_arguments() -> None:
    assert declared_operations() == {
        operation.name: {declaration_of(argument) for argument in operation.arguments}
        for operation in CATALOGUE
    }


def test_the_node_helper_converts_every_integer() -> None:
    script = (
        "import(process.argv[1]).then((m) => console.error(JSON.stringify(m.INTEGER_ARGUMENTS)))"
    )
    assert told_by(["node", "-e", script, str(NODE_HELPER)]) == INTEGERS


def test_the_python_helper_converts_every_integer() -> None:
    script = (
        "import json, sys; from pytest_chopsticks.serve import INTEGER_ARGUMENTS;"
        " print(json.dumps(sorted(INTEGER_ARGUMENTS)), file=sys.stderr)"
    )
    assert told_by([sys.executable, "-c", script]) == INTEGERS


def told_by(command: Sequence[str]) -> set[str]:
    """Either takes standard input and output for itself: it is asked in a process of its own."""
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(result.stderr))


def test_no_argument_that_is_converted_is_text_elsewhere() -> None:
    others = {
        argument.name
        for operation in CATALOGUE
        for argument in operation.arguments
        if not isinstance(argument.type, Integer | Amount)
    }
    assert not others & INTEGERS
