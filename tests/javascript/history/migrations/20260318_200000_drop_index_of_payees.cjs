'use strict';

// chopsticks: allow index-removed idx_transactions_to_user: the page of a user's income went with release 2.3, and pg_stat_user_indexes shows no scan since

const INDEX = 'idx_transactions_to_user';

module.exports = {
  version: '20260318_200000',
  description: 'An index that nobody uses any more',

  async up(client) {
    await client.query(`DROP INDEX ${INDEX}`);
  },

  async down(client) {
    await client.query(`CREATE INDEX ${INDEX} ON transaction_log (to_user, timestamp DESC)`);
  },
};
