import { transaction } from './database.mjs';
import { Rejection, named, positive } from './rejections.mjs';

const quantityOf = (quantity) => positive(quantity, 2n ** 31n - 1n, 'invalid_quantity');

export function inventory(database) {
  return {
    'inventory.add': async ({ user_id, item_id, quantity }) => {
      const added = database.query(
        `INSERT INTO user_inventory (user_id, item_id, quantity, acquired_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, item_id) DO UPDATE
         SET quantity = user_inventory.quantity + EXCLUDED.quantity`,
        [user_id, item_id, quantityOf(quantity), Date.now()],
      );
      await named({ 22003: 'overflow' }, added);
    },
    'inventory.remove': async ({ user_id, item_id, quantity }) => {
      const removed = quantityOf(quantity);
      await transaction(database, (client) => remove(client, user_id, item_id, removed));
    },
  };
}

async function remove(client, user, item, removed) {
  const { rows } = await client.query(
    'SELECT id, quantity FROM user_inventory WHERE user_id = $1 AND item_id = $2 FOR UPDATE',
    [user, item],
  );
  const { id, quantity } = rows[0] ?? { quantity: 0 };
  if (quantity < removed) throw new Rejection('insufficient_quantity');
  if (BigInt(quantity) === removed) {
    await client.query('DELETE FROM user_inventory WHERE id = $1', [id]);
  } else {
    await client.query('UPDATE user_inventory SET quantity = quantity - $2 WHERE id = $1', [
      id,
      removed,
    ]);
  }
}
