"""The JSON Schemas of the messages on the wire, written from the operations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pytest_chopsticks.implementations.operations.catalogue import CATALOGUE
from pytest_chopsticks.implementations.operations.operation import Operation
from pytest_chopsticks.implementations.operations.value_types import Key, Schema

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}


def render_schemas() -> Mapping[str, str]:
    """The text of each schema by its file's name.

    Each describes every message of one method: its requests and its replies.
    """
    schemas = {
        "initialize": _method(
            "initialize", "Shake hands.", _initialize_params(), _initialize_result(), ()
        ),
        "shutdown": _method("shutdown", "End.", _object({}, ()), {}, ()),
    }
    for operation in CATALOGUE:
        schemas[operation.name] = _method(
            operation.name,
            operation.summary,
            _params(operation),
            _result(operation),
            operation.rejections,
        )
    return {f"{name}.json": _text(schema) for name, schema in schemas.items()}


def _method(
    name: str, summary: str, params: Schema, result: Schema, rejections: Iterable[str]
) -> Schema:
    return {
        "$schema": _DRAFT,
        "$id": f"urn:chopsticks:protocol:1:{name}",
        "title": name,
        "description": summary,
        "oneOf": [{"$ref": "#/$defs/request"}, {"$ref": "#/$defs/reply"}],
        "$defs": {
            "request": _message({"method": {"const": name}, "params": params}),
            "reply": {
                "oneOf": [
                    _message({"result": result}),
                    _message({"error": {"$ref": "#/$defs/error"}}),
                ]
            },
            "error": _error(tuple(rejections)),
        },
    }


def _message(members: Mapping[str, Schema]) -> Schema:
    own = {"jsonrpc": {"const": "2.0"}, "id": {"type": "integer"}}
    return _object({**own, **members}, ("jsonrpc", "id", *members))


def _error(rejections: tuple[str, ...]) -> Schema:
    rejection: Schema = {"type": "string", "description": "makes the error a rejection"}
    if rejections:
        rejection["examples"] = list(rejections)
    sqlstate: Schema = {
        "type": "string",
        "description": "the database's code; class 22 or 23 makes the error a rejection",
    }
    data = {"rejection": rejection, "sqlstate": sqlstate}
    return {
        "type": "object",
        "properties": {
            "code": {"type": "integer"},
            "message": _TEXT,
            "data": {"type": "object", "properties": data},
        },
        "required": ["code", "message"],
    }


def _params(operation: Operation) -> Schema:
    properties = {
        argument.name: {**argument.type.schema, "description": argument.description}
        for argument in operation.arguments
    }
    required = [argument.name for argument in operation.arguments if not argument.optional]
    return _object(properties, required)


def _result(operation: Operation) -> Schema:
    if not operation.result:
        return {"description": "not looked at"}
    properties = {
        field.name: {**field.type.schema, "description": field.description}
        for field in operation.result
    }
    required = [field.name for field in operation.result]
    return {"type": "object", "properties": properties, "required": required}


def _initialize_params() -> Schema:
    database = dict.fromkeys(("url", "host", "user", "password", "dbname"), _TEXT)
    properties = {
        "protocol": {"const": 1},
        "database": _object({**database, "port": {"type": "integer"}}, (*database, "port")),
        "token_keys": {
            "type": "array",
            "items": Key().schema,
            "description": "the first is the one to encrypt with; none: agents.register is refused",
        },
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _initialize_result() -> Schema:
    texts = dict.fromkeys(("name", "version", "language", "homepage", "issues"), _OPTIONAL_TEXT)
    names = [operation.name for operation in CATALOGUE]
    properties = {
        **texts,
        "operations": {"type": "array", "items": {"enum": names}, "description": "the claims"},
        "concurrent": {
            "type": "boolean",
            "description": "whether several requests may be under way at once; false without it",
        },
        "clock": {
            "enum": ["argument", "wall"],
            "description": "whether operations use the time they are given; wall without it",
        },
    }
    return {"type": "object", "properties": properties, "required": ["operations"]}


def _object(properties: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
