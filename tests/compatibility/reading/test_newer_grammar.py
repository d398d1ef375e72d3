"""What a newer parser's grammar has besides is admitted, not guessed and not passed over."""

from __future__ import annotations

from typing import Any

import pytest
from postgast.pg_query_pb2 import AlterTableType, ConstrType

from pytest_chopsticks.compatibility.reading.context import Context, NotAnalysed, Scope
from pytest_chopsticks.compatibility.reading.rules import RULES
from pytest_chopsticks.migrations.postgres_parser import parse_sql


def _other_subcommand(node: Any) -> None:
    node.cmds[0].alter_table_cmd.subtype = AlterTableType.AT_ReAddStatistics


def _other_constraint(node: Any) -> None:
    definition = getattr(node.cmds[0].alter_table_cmd, "def")
    definition.constraint.contype = ConstrType.CONSTR_ATTR_DEFERRED


def _other_change_of_domain(node: Any) -> None:
    node.subtype = "?"


@pytest.mark.parametrize(
    ("sql", "change", "admitted"),
    [
        ("ALTER TABLE t DROP a", _other_subcommand, "ReAddStatistics of t is no known subcommand"),
        (
            "ALTER TABLE t ADD CHECK (a > 0)",
            _other_constraint,
            "CONSTR_ATTR_DEFERRED on t is no known kind of constraint",
        ),
        ("ALTER DOMAIN d SET NOT NULL", _other_change_of_domain, "what ALTER DOMAIN d changes"),
    ],
)
def test_an_unknown_kind_is_admitted(sql: str, change: Any, admitted: str) -> None:
    parsed = parse_sql(sql)
    (one,) = parsed.statements
    kind = one.node.WhichOneof("node")
    node = getattr(one.node, kind)
    change(node)
    context = Context(sql, "ALTER", 0, parsed.positions, lambda place: place, Scope())

    remarks = list(RULES[kind](node, context))

    assert remarks == [NotAnalysed(admitted)]
