"""Text that is changed on its way, taken for a command, or too much for the program."""

from __future__ import annotations

from .reference_variant import mutant

MUTANTS = (
    mutant(
        "text.literal",
        "quotes are doubled",
        (
            "pools.py",
            "row = [pool_id, owner_user_id, name,",
            'row = [pool_id, owner_user_id, name.replace("\'", "\'\'"),',
        ),
        says=("name of pools.create is in agent_pools.name as given", "no row"),
    ),
    mutant(
        "text.literal",
        "text is cut",
        (
            "pets.py",
            "row = [user_id, pet_type, name,",
            "row = [user_id, pet_type, name and name[:100],",
        ),
        says=("(10000 characters) as name of pets.adopt", "no row"),
    ),
    mutant(
        "text.literal",
        "text is normalised",
        (
            "wallets.py",
            "connection.execute(_LOG, [from_user, to_user, amount, reason, now_ms()])",
            "connection.execute(_LOG, [from_user, to_user, amount,"
            " __import__('unicodedata').normalize('NFC', reason), now_ms()])",
        ),
        says="as reason of wallets.credit",
    ),
    mutant(
        "text.literal",
        "anything but Latin is a crash",
        (
            "audit.py",
            "row = [guild_id, user_id, action,",
            "row = [guild_id, user_id, action.encode('latin-1').decode('latin-1'),",
        ),
        says="as action of audit.record is stored",
    ),
    mutant(
        "text.literal",
        "U+0000 is a crash",
        ("arguments.py", 'has_nul="\\0" in value', 'has_nul=value == "\\0"'),
        says=("U+0000 in", "neither accepted nor rejected"),
    ),
    mutant(
        "text.literal",
        "U+0000 is left out",
        (
            "audit.py",
            "row = [guild_id, user_id, action,",
            "row = [guild_id, user_id, action.replace(chr(0), ''),",
        ),
        (
            "audit.py",
            "check_text(guild_id=guild_id, user_id=user_id, action=action)",
            "check_text(guild_id=guild_id, user_id=user_id)",
        ),
        says=("U+0000 in action of audit.record is rejected", "it is accepted"),
    ),
    mutant(
        "text.literal",
        "a new name is trimmed",
        (
            "pets.py",
            "row = [name, as_jsonb_object",
            "row = [name and name.strip(), as_jsonb_object",
        ),
        says=("as name of pets.update", "no row has it"),
    ),
    mutant(
        "text.literal",
        "text in JSON is escaped for a page",
        (
            "audit.py",
            'as_jsonb("details", details)]',
            'as_jsonb("details", {k: __import__("html").escape(v) if isinstance(v, str) else v'
            " for k, v in (details or {}).items()})]",
        ),
        says=("as details of audit.record", "no row has it"),
    ),
    mutant(
        "text.literal",
        "a user's id is put into the statement",
        (
            "inventory.py",
            '" WHERE user_id = %s AND item_id = %s FOR UPDATE",\n'
            "                [user_id, item_id],",
            "f\" WHERE user_id = '{user_id}' AND item_id = '{item_id}' FOR UPDATE\",",
        ),
        says="inventory.remove with",
    ),
    mutant(
        "text.literal",
        "an agent's id is a pattern",
        (
            "agents.py",
            'GREATEST(created_at, %s) WHERE agent_id = %s\n"""\n_RESEAL',
            'GREATEST(created_at, %s) WHERE agent_id LIKE %s\n"""\n_RESEAL',
        ),
        says=("agents.set_status with '%' as agent_id is rejected", "it is accepted"),
    ),
    mutant(
        "text.literal",
        "U+0000 in settings is dropped",
        (
            "settings.py",
            'document = as_jsonb_object("data", data)',
            'document = as_jsonb_object("data", {\n'
            "            k: v.replace(chr(0), '') if isinstance(v, str) else v"
            " for k, v in data.items()})",
        ),
        says=("U+0000 in data of settings.save is rejected", "it is accepted"),
    ),
    mutant(
        "text.literal",
        "U+0000 in the name of nobody is a crash",
        (
            "agents.py",
            "        check_text(agent_id=agent_id)\n        with self._ring_in_use",
            "        with self._ring_in_use",
        ),
        says=("agents.token with", "neither accepted nor rejected"),
    ),
)
