"""Names that the tests of the areas use: snowflakes by number, and tokens that are nobody's."""

from __future__ import annotations

import base64
import secrets

_FIRST_SNOWFLAKE = 275_928_847_299_117_063


def snowflake(number: int) -> str:
    """A Discord id; other numbers give other ids."""
    return str(_FIRST_SNOWFLAKE + number)


def agent_id(number: int) -> str:
    return f"agent{snowflake(number)}"


def new_token() -> str:
    """A random text of a bot token's shape, so that wherever it is found, it came from here."""
    identity = base64.b64encode(snowflake(secrets.randbelow(10**12)).encode()).decode().rstrip("=")
    return f"{identity}.{secrets.token_urlsafe(5)[:6]}.{secrets.token_urlsafe(30)[:38]}"
