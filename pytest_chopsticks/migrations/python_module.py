"""Python migrations, read with `ast`: nothing in them is executed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile


@dataclass(frozen=True, slots=True)
class PythonModule:
    """What a migration's module defines at its top level."""

    description: str | None
    has_up: bool
    has_down: bool


def inspect_python(file: MigrationFile) -> PythonModule:
    """Read `file`; raises MigrationFileError with file and line when it is not Python."""
    definitions = _definitions(_parsed(file))
    down = definitions.get("down")
    return PythonModule(
        description=_text(definitions.get("description")),
        has_up="up" in definitions and not _is_plain(definitions["up"]),
        has_down=down is not None and not _does_nothing(down),
    )


def _parsed(file: MigrationFile) -> ast.Module:
    try:
        return ast.parse(file.content, filename=str(file.path))
    except SyntaxError as error:
        text = f"\n    {error.text.strip()}" if error.text else ""
        raise MigrationFileError(
            f"{file.path}:{error.lineno or 1}: {type(error).__name__}: {error.msg}{text}",
            hint=f"Try it: python -m py_compile {file.path}",
        ) from error
    except ValueError as error:
        raise MigrationFileError(f"{file.path} is not Python: {error}") from error


def _definitions(module: ast.Module) -> dict[str, ast.AST]:
    """Each name the module binds, with the function or the value; the last one wins."""
    bound: dict[str, ast.AST] = {}
    for node in module.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                bound[node.name] = node
            case ast.Assign():
                names = (target.id for target in node.targets if isinstance(target, ast.Name))
                bound |= dict.fromkeys(names, node.value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bound[name] = value
            case ast.ImportFrom():
                bound |= {alias.asname or alias.name: node for alias in node.names}
    return bound


def _text(value: ast.AST | None) -> str | None:
    match value:
        case ast.Constant(value=str() as text):
            return text
        case _:
            return None


def _is_plain(definition: ast.AST) -> bool:
    """Whether it is a text, a number or the like, which nobody can call."""
    literals = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set)
    return isinstance(definition, literals)


def _does_nothing(definition: ast.AST) -> bool:
    match definition:
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            return all(_is_empty(statement) for statement in body)
        case ast.Constant(value=None):
            return True
        case _:
            return False


def _is_empty(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Return(value=None):
            return True
        case _:
            return False
