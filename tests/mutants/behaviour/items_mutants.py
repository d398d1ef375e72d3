"""Items that multiply, vanish, or crash the program that counts them."""

from __future__ import annotations

from .reference_variant import mutant

_FILE = "inventory.py"
_LOST, _STACKING = "inventory.no-lost-updates", "inventory.stacking"
_ADDED = "DO UPDATE SET quantity = held.quantity + EXCLUDED.quantity"
_ADD = "connection.execute(_ADD, [user_id, item_id, quantity, now_ms()])"
_LOOK_FIRST = """\
key = [user_id, item_id]
                held = connection.execute(
                    "SELECT quantity FROM user_inventory WHERE user_id = %s AND item_id = %s", key
                ).fetchone()
                if held:
                    connection.execute(
                        'UPDATE user_inventory SET quantity = %s WHERE user_id ='
                        ' %s AND item_id = %s',
                        [held[0] + quantity, *key],
                    )
                else:
                    connection.execute(
                        "INSERT INTO user_inventory (user_id, item_id, quantity, acquired_at)"
                        " VALUES (%s, %s, %s, %s)",
                        [*key, quantity, now_ms()],
                    )"""
_UNLOCKED = "WHERE user_id = %s AND item_id = %s FOR UPDATE"
_OVERFLOW = "        except NumericValueOutOfRange:\n"
_LOWERED = '"UPDATE user_inventory SET quantity = quantity - %s WHERE id = %s"'

MUTANTS = (
    mutant(
        _STACKING,
        "adding loses the metadata",
        (_FILE, _ADDED, f"{_ADDED}, metadata = EXCLUDED.metadata"),
        says="inventory.add leaves the metadata",
    ),
    mutant(
        _LOST,
        "looks first and inserts after",
        (_FILE, _ADD, _LOOK_FIRST),
        says=("adding an item 4 times at once is accepted", "23505"),
    ),
    mutant(
        _LOST,
        "looks first and writes after",
        (
            _FILE,
            _ADD,
            _LOOK_FIRST.replace(
                'VALUES (%s, %s, %s, %s)"',
                "VALUES (%s, %s, %s, %s) ON CONFLICT (user_id, item_id) DO"
                ' UPDATE SET quantity = user_inventory.quantity + EXCLUDED.quantity"',
            ),
        ),
        says="additions at once to 4",
    ),
    mutant(
        _LOST,
        "removals at once",
        (_FILE, _UNLOCKED, "WHERE user_id = %s AND item_id = %s"),
        says="at once",
    ),
    mutant(
        _STACKING,
        "adding replaces",
        (_FILE, _ADDED, "DO UPDATE SET quantity = EXCLUDED.quantity"),
        says="quantity 5 after inventory.add of 3",
    ),
    mutant(
        _STACKING,
        "a row per addition",
        (_FILE, "ON CONFLICT (user_id, item_id) " + _ADDED, ""),
        statements=(
            "ALTER TABLE user_inventory DROP CONSTRAINT user_inventory_user_id_item_id_key",
        ),
        says="rows with quantities 2, 3",
    ),
    mutant(
        _STACKING,
        "what is missing is forgiven",
        (_FILE, "if row is None or row[1] < quantity:", "if row is None:"),
        (_FILE, "if held == quantity:", "if held <= quantity:"),
        says="removing 5 of 4 is rejected",
    ),
    mutant(
        _STACKING,
        "any number is a quantity",
        (
            "arguments.py",
            "allowed = range(1, MAX_INTEGER + 1)",
            "allowed = range(-MAX_INTEGER, MAX_INTEGER + 1)",
        ),
        says=("inventory.remove of -1 to 4 is rejected", "it is accepted"),
    ),
    mutant(
        _STACKING,
        "fractions are rounded",
        (
            _FILE,
            "        check_quantity(quantity)\n        try:",
            "        check_quantity(quantity := int(quantity))\n        try:",
        ),
        says="inventory.add of 1.5 to 4 is rejected",
    ),
    mutant(
        _STACKING,
        "stops at the largest",
        (_FILE, _OVERFLOW, f"{_OVERFLOW}            return None\n"),
        says="INTEGER holds is rejected",
    ),
    mutant(
        "inventory.rejection-names",
        "the database's word is passed on",
        (_FILE, _OVERFLOW, f"{_OVERFLOW}            raise\n"),
        says="no name, SQLSTATE 22003 instead of overflow",
    ),
    mutant(
        "inventory.rejection-names",
        "too few items are told as too little money",
        (_FILE, '"insufficient_quantity"', '"insufficient_funds"'),
        says="removing what is not there: insufficient_funds instead of insufficient_quantity",
    ),
    mutant(
        "inventory.rejection-names",
        "quantities are told as amounts",
        ("arguments.py", '"invalid_quantity"', '"invalid_amount"'),
        says="a fraction: invalid_amount instead of invalid_quantity",
    ),
)
