"""SQL on which the parser would run out of stack is refused; what is merely long is parsed."""

from __future__ import annotations

import pytest

from pytest_chopsticks.migrations.postgres_parser import LONGEST_CHAIN, CannotParse, parse_sql


def test_a_chain_without_end_is_refused_with_its_place() -> None:
    text = "SELECT 'a'" + " || 'b'" * LONGEST_CHAIN
    with pytest.raises(CannotParse, match="too long to be parsed") as raised:
        parse_sql(text)
    assert 0 < raised.value.position < len(text)


def test_a_chain_in_parentheses_is_refused_too() -> None:
    with pytest.raises(CannotParse, match="too long to be parsed"):
        parse_sql(f"SELECT f(1, ({' + '.join(['1'] * 2 * LONGEST_CHAIN)}))")


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT INTO items VALUES {', '.join(['(1, (2))'] * 2 * LONGEST_CHAIN)}",
        f"SELECT 1 WHERE 1 IN ({', '.join(['1'] * 2 * LONGEST_CHAIN)})",
        f"CREATE TABLE {'long' * LONGEST_CHAIN} ()",
    ],
    ids=["rows", "a list", "a name"],
)
def test_what_is_merely_long_is_parsed(text: str) -> None:
    assert len(parse_sql(text).statements) == 1


def test_many_statements_are_parsed() -> None:
    assert len(parse_sql("SELECT 1; " * LONGEST_CHAIN).statements) == LONGEST_CHAIN
