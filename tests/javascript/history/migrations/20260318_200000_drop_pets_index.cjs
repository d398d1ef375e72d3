'use strict';

// chopsticks: allow index-removed idx_user_pets_user_id: nobody has more than three pets, and pg_stat_user_indexes shows no scan since January

const INDEX = 'idx_user_pets_user_id';

module.exports = {
  version: '20260318_200000',
  description: 'An index that nobody uses',

  async up(client) {
    await client.query(`DROP INDEX ${INDEX}`);
  },

  async down(client) {
    await client.query(`CREATE INDEX ${INDEX} ON user_pets (user_id)`);
  },
};
