// Seasons, step 2 of 2: the rows that are there, in batches.
const BATCH = 1000;

export default {
  version: '20260312_120500',
  description: 'Every wallet is of the first season',

  async up(client) {
    let moved;
    do {
      const { rowCount } = await client.query(
        `UPDATE user_wallets SET season = $1
         WHERE user_id IN (SELECT user_id FROM user_wallets WHERE season IS NULL LIMIT $2)`,
        ['2026-1', BATCH],
      );
      moved = rowCount;
    } while (moved === BATCH);
  },
};
