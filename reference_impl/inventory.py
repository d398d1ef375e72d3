"""Items that users have: one row per user and item, while there is at least one."""

from psycopg.errors import NumericValueOutOfRange

from .arguments import check_quantity, check_text
from .clock import now_ms
from .database import Area
from .rejections import Rejection

# One statement, so that it holds against an item that appears or is used up meanwhile.
_ADD = """
INSERT INTO user_inventory AS held (user_id, item_id, quantity, acquired_at)
VALUES (%s, %s, %s, %s)
ON CONFLICT (user_id, item_id) DO UPDATE SET quantity = held.quantity + EXCLUDED.quantity
"""


class Inventory(Area):
    def add(self, user_id: str, item_id: str, quantity: int) -> None:
        """Rejections: invalid_quantity, overflow."""
        check_text(user_id=user_id, item_id=item_id)
        check_quantity(quantity)
        try:
            with self._connections.transaction() as connection:
                connection.execute(_ADD, [user_id, item_id, quantity, now_ms()])
        except NumericValueOutOfRange:
            raise Rejection(
                "overflow", f"the quantity of {item_id} of user {user_id} would exceed 2^31-1"
            ) from None

    def remove(self, user_id: str, item_id: str, quantity: int) -> None:
        """Rejections: invalid_quantity, insufficient_quantity."""
        check_text(user_id=user_id, item_id=item_id)
        check_quantity(quantity)
        with self._connections.transaction() as connection:
            row = connection.execute(
                "SELECT id, quantity FROM user_inventory"
                " WHERE user_id = %s AND item_id = %s FOR UPDATE",
                [user_id, item_id],
            ).fetchone()
            if row is None or row[1] < quantity:
                raise Rejection(
                    "insufficient_quantity",
                    f"user {user_id} has fewer than {quantity} of {item_id}",
                )
            row_id, held = row
            if held == quantity:
                connection.execute("DELETE FROM user_inventory WHERE id = %s", [row_id])
            else:
                connection.execute(
                    "UPDATE user_inventory SET quantity = quantity - %s WHERE id = %s",
                    [quantity, row_id],
                )
