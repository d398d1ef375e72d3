// Pets gain experience. Old code neither reads nor writes the two columns.
export default {
  version: '20260301_090000',
  description: 'Pets have a level and experience',

  async up(client) {
    await client.query(`
      ALTER TABLE user_pets
        ADD COLUMN level INTEGER NOT NULL DEFAULT 1,
        ADD COLUMN xp BIGINT NOT NULL DEFAULT 0
    `);
    await client.query('ALTER TABLE user_pets ADD CONSTRAINT user_pets_level_check CHECK (level >= 1) NOT VALID');
  },

  async down(client) {
    await client.query('ALTER TABLE user_pets DROP COLUMN level, DROP COLUMN xp');
  },
};
