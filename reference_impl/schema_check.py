"""Is the database at the schema this code was written for?

The schema hash covers what the document lists: table names, column names and types, primary
keys, unique constraints, indexes. Each is a fact, a line of compact JSON; the facts in code point
order, joined by newlines, are the canonical form, and its SHA-256 is the hash. The expected facts
are in `schema_1_0_0.txt`; a migration that changes the schema comes with a new such file.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path

from .database import Database, connect
from .rejections import Rejection

EXPECTED_FACTS = Path(__file__).with_name("schema_1_0_0.txt")
_FACTS = Path(__file__).with_name("schema_facts.sql")

# Names are rendered relative to the one schema that is looked at, and quoted only where needed,
# whatever the role's or the database's settings say.
_FIXED_SETTINGS = """
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true),
       set_config('quote_all_identifiers', 'off', true)
"""


def verify(database: Database) -> str:
    """Return the schema hash, or reject a database that differs, naming each differing fact."""
    found = _read_facts(database)
    expected = EXPECTED_FACTS.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    # Counted, because names are no part of a fact: a second equal index is the same fact twice.
    missing = sorted((Counter(expected) - Counter(found)).elements())
    unexpected = sorted((Counter(found) - Counter(expected)).elements())
    if missing or unexpected:
        facts = [*(f"- {fact}" for fact in missing), *(f"+ {fact}" for fact in unexpected)]
        raise Rejection(
            "schema_drift",
            "the database differs from schema version 1.0.0 (- is missing, + is not expected):\n"
            + "\n".join(facts),
        )
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def _read_facts(database: Database) -> list[str]:
    with connect(database) as connection:
        connection.read_only = True
        with connection.transaction():
            connection.execute(_FIXED_SETTINGS)
            return sorted(_line(fact) for (fact,) in connection.execute(_FACTS.read_bytes()))


def _line(fact: object) -> str:
    return json.dumps(fact, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
