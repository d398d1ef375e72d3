// Who may use a pool besides its owner. Owners become members themselves, so that new code asks
// one table only.
const ROLES = ['owner', 'manager', 'member'];

export default {
  version: '20260303_140000',
  description: 'Pools have members and invitations',

  async up(client) {
    await client.query(`
      CREATE TABLE pool_members (
        pool_id   TEXT NOT NULL,
        user_id   TEXT NOT NULL,
        role      TEXT NOT NULL DEFAULT 'member' CHECK (role IN (${ROLES.map((role) => `'${role}'`).join(', ')})),
        joined_at BIGINT NOT NULL,
        PRIMARY KEY (pool_id, user_id)
      )
    `);
    await client.query('CREATE INDEX idx_pool_members_user ON pool_members (user_id)');
    await client.query(`
      CREATE TABLE pool_invitations (
        id         BIGSERIAL PRIMARY KEY,
        pool_id    TEXT NOT NULL,
        code       TEXT NOT NULL UNIQUE,
        uses_left  INTEGER NOT NULL DEFAULT 1 CHECK (uses_left >= 0),
        expires_at BIGINT,
        meta       JSONB NOT NULL DEFAULT '{}'::jsonb
      )
    `);
    const { rows } = await client.query('SELECT pool_id, owner_user_id, created_at FROM agent_pools ORDER BY pool_id');
    for (const { pool_id: pool, owner_user_id: owner, created_at: since } of rows) {
      await client.query(
        'INSERT INTO pool_members (pool_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4)',
        [pool, owner, 'owner', since],
      );
    }
  },

  async down(client) {
    for (const table of ['pool_invitations', 'pool_members']) await client.query(`DROP TABLE ${table}`);
  },
};
