export default {
  version: '20260328_150000',
  description: 'New banks are larger',

  async up(client) {
    await client.query('ALTER TABLE user_wallets ALTER COLUMN bank_capacity SET DEFAULT 25000');
  },

  async down(client) {
    await client.query('ALTER TABLE user_wallets ALTER COLUMN bank_capacity SET DEFAULT 10000');
  },
};
