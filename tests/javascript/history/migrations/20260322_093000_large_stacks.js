// chopsticks: allow column-type-changed user_inventory.quantity: drivers give 2^31 and more as text, and no release writes that much before version 2.4

export default {
  version: '20260322_093000',
  description: 'Stacks of more than two thousand million items',

  async up(client) {
    await client.query('ALTER TABLE user_inventory ALTER COLUMN quantity TYPE BIGINT');
  },

  async down(client) {
    await client.query('ALTER TABLE user_inventory ALTER COLUMN quantity TYPE INTEGER');
  },
};
