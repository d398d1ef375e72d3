"""Settings that get lost, and revisions that guard nothing."""

from __future__ import annotations

from .reference_variant import mutant

_FILE = "settings.py"
_CHECKED = "WHERE guild_id = %s AND rev = %s\n"
_UNCHECKED = "WHERE guild_id = %s AND %s IS NOT NULL\n"
_BEGIN = "            rev = _save(connection, guild_id, document, expected_rev)"
_LOOK_FIRST = """\
            found = connection.execute(
                "SELECT rev FROM guild_settings WHERE guild_id = %s", [guild_id]
            ).fetchone() or (0,)
            if found[0] != expected_rev:
                raise Rejection(STALE, "")
            rev = _save(connection, guild_id, document, expected_rev)"""
_STALE = "        raise Rejection(STALE, "
_INSERTED_AT_THE_START = """\
(guild_id, data, rev, updated_at) VALUES (%s, %s, 1, '{_START}')"""
_MOVED = "GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')"

MUTANTS = (
    mutant(
        "settings.round-trip",
        "numbers become fractions of a dollar",
        (
            _FILE,
            "document = as_jsonb_object",
            "data = {k: float(v) + 0.1 if type(v) is int else v for k, v in data.items()}\n"
            "        document = as_jsonb_object",
        ),
        says="has what was saved under",
    ),
    mutant(
        "settings.round-trip",
        "only known keys are kept",
        (
            _FILE,
            "document = as_jsonb_object",
            'data = {k: v for k, v in data.items() if k in ("prefix", "musicMode")}\n'
            "        document = as_jsonb_object",
        ),
        says=("has what was saved under 'autorole'", "nothing"),
    ),
    mutant(
        "settings.round-trip",
        "integers have 32 bits",
        (
            _FILE,
            "document = as_jsonb_object",
            "data = {k: v % 2**32 if type(v) is int and v > 0 else v for k, v in data.items()}\n"
            "        document = as_jsonb_object",
        ),
        says=("has what was saved under 'largest'", "4294967295"),
    ),
    mutant(
        "settings.round-trip",
        "fractions are rounded",
        (
            _FILE,
            "document = as_jsonb_object",
            "data = {k: [round(i, 5) if type(i) is float else i for i in v]"
            " if type(v) is list else v for k, v in data.items()}\n"
            "        document = as_jsonb_object",
        ),
        says="has what was saved under 'fractions'",
    ),
    mutant(
        "settings.round-trip",
        "a later save drops empty values",
        (
            _FILE,
            "            rev = _save(",
            "            if expected_rev:\n"
            '                kept = {k: v for k, v in data.items() if v != ""}\n'
            '                document = as_jsonb_object("data", kept)\n'
            "            rev = _save(",
        ),
        says=("has what was saved under 'prefix' by save", "nothing"),
    ),
    mutant(
        "settings.round-trip",
        "settings are merged",
        (_FILE, "SET data = %s, rev", "SET data = data || %s, rev"),
        says=("after a save without it", "these were merged"),
    ),
    mutant(
        "settings.round-trip",
        "what is nested deeply is cut",
        (
            _FILE,
            "document = as_jsonb_object",
            "def cut(value, depth=12):\n"
            "            if isinstance(value, dict):\n"
            "                return {k: cut(v, depth - 1) for k, v in value.items() if depth}\n"
            "            if isinstance(value, list):\n"
            "                return [cut(v, depth - 1) for v in value if depth]\n"
            "            return value\n"
            "        data = cut(data)\n"
            "        document = as_jsonb_object",
        ),
        says="has what was saved under 'deep'",
    ),
    mutant(
        "settings.revision",
        "rev is not looked at",
        (_FILE, _CHECKED, _UNCHECKED),
        says=("expects revision", "it is accepted"),
    ),
    mutant(
        "settings.revision",
        "rev rises by two",
        (_FILE, "rev = rev + 1", "rev = rev + 2"),
        says=("revision 2 after", "revision 3"),
    ),
    mutant(
        "settings.revision",
        "a refused save is stored",
        (
            _FILE,
            _STALE,
            "        connection.execute('UPDATE guild_settings SET data = %s"
            " WHERE guild_id = %s', [document, guild_id])\n"
            f"        connection.execute('COMMIT; BEGIN')\n{_STALE}",
        ),
        says=("leaves every table as it was", "guild_settings"),
    ),
    mutant(
        "settings.concurrent-saves",
        "the first save stays",
        (_FILE, "SET data = %s,", "SET data = COALESCE(data, %s),"),
        says="what the accepted save gave is stored",
    ),
    mutant(
        "settings.concurrent-saves",
        "looks first and writes after",
        (_FILE, _CHECKED, _UNCHECKED),
        (_FILE, _BEGIN, _LOOK_FIRST),
        says=("saves at once", "are accepted"),
    ),
    mutant(
        "settings.concurrent-saves",
        "the first save overwrites",
        (
            _FILE,
            "ON CONFLICT (guild_id) DO NOTHING",
            "ON CONFLICT (guild_id) DO UPDATE SET data = EXCLUDED.data",
        ),
        says=("all expect revision 0", "are accepted"),
    ),
    mutant(
        "settings.updated-at",
        "updated_at is left as it is",
        (_FILE, _MOVED, "updated_at"),
        says="moves forward",
    ),
    mutant(
        "settings.updated-at",
        "the time of the start",
        (
            _FILE,
            '_UPDATE = """',
            '_START = __import__("datetime").datetime.now().astimezone()\n_UPDATE = f"""',
        ),
        (_FILE, _MOVED, "'{_START}'"),
        (_FILE, '_INSERT = """', '_INSERT = f"""'),
        (_FILE, "(guild_id, data, rev) VALUES (%s, %s, 1)", _INSERTED_AT_THE_START),
        says="moves forward",
    ),
    mutant(
        "settings.updated-at",
        "local time is taken for UTC",
        (_FILE, _MOVED, "clock_timestamp() AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo'"),
        says="moves forward",
    ),
    mutant(
        "settings.updated-at",
        "whole days only",
        (_FILE, _MOVED, "date_trunc('day', clock_timestamp())"),
        says="moves forward",
    ),
    mutant(
        "settings.rejection-names",
        "another name",
        (_FILE, 'STALE = "stale_revision"', 'STALE = "conflict"'),
        says="conflict instead of stale_revision",
    ),
    mutant(
        "settings.rejection-names",
        "who saves first twice gets the database's word",
        (_FILE, "ON CONFLICT (guild_id) DO NOTHING\n", ""),
        says="a first save again: no name, SQLSTATE 23505 instead of stale_revision",
    ),
    mutant(
        "settings.rejection-names",
        "the database's word is passed on",
        (
            _FILE,
            'document = as_jsonb_object("data", data)',
            'document = __import__("psycopg").types.json.Jsonb(data)',
        ),
        says="U+0000 in a setting: no name, SQLSTATE 22P05 instead of invalid_text",
    ),
)
