// Seasons, step 1 of 2: the column. Wallets get their season in the next migration.
export default {
  version: '20260312_120000',
  description: 'Wallets belong to a season',

  async up(client) {
    await client.query('ALTER TABLE user_wallets ADD COLUMN season TEXT');
    await client.query('CREATE TABLE seasons (season TEXT PRIMARY KEY, began_at BIGINT NOT NULL, ended_at BIGINT)');
    await client.query("INSERT INTO seasons (season, began_at) VALUES ('2026-1', 1767225600000)");
  },

  async down(client) {
    await client.query('DROP TABLE seasons');
    await client.query('ALTER TABLE user_wallets DROP COLUMN season');
  },
};
