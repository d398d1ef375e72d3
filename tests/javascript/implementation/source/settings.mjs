import { Rejection, named } from './rejections.mjs';

const INVALID_TEXT = { 22021: 'invalid_text', '22P02': 'invalid_text', '22P05': 'invalid_text' };

// Two saves can share a clock tick, and still each moves the time.
const UPDATE = `
  UPDATE guild_settings
  SET data = $2, rev = rev + 1,
      updated_at = GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')
  WHERE guild_id = $1 AND rev = $3
  RETURNING rev`;
const INSERT = `
  INSERT INTO guild_settings (guild_id, data, rev) VALUES ($1, $2, 1)
  ON CONFLICT DO NOTHING RETURNING rev`;

export function settings(database) {
  return {
    'settings.get': async ({ guild_id }) => {
      const query = 'SELECT data, rev FROM guild_settings WHERE guild_id = $1';
      const { rows } = await database.query(query, [guild_id]);
      return rows[0] ?? { data: {}, rev: 0 };
    },
    'settings.save': ({ guild_id, data, expected_rev }) =>
      named(INVALID_TEXT, save(database, guild_id, JSON.stringify(data), expected_rev)),
  };
}

async function save(database, guild, data, expected) {
  let { rows } = await database.query(UPDATE, [guild, data, expected]);
  if (rows.length === 0 && Number(expected) === 0) {
    ({ rows } = await database.query(INSERT, [guild, data]));
  }
  if (rows.length === 0) throw new Rejection('stale_revision', `rev is not ${expected}`);
  return rows[0];
}
