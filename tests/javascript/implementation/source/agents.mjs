import { transaction } from './database.mjs';
import { Rejection, named } from './rejections.mjs';
import { decrypt, encrypt, fingerprint } from './token_cipher.mjs';

const DEFAULT_POOL = 'pool_goot27';
const MOST_AGENTS = 49;
// The index of the column takes 2,700 bytes, and what is stored has two hex digits a byte.
const LONGEST_TOKEN = 1000;
const STATUSES = ['active', 'inactive', 'revoked'];
// Registering and rotating exclude each other; two tokens could otherwise miss one another.
const TOKENS_LOCK = 'SELECT pg_advisory_xact_lock(4970001)';

const DUPLICATES = { agent_bots_agent_id_key: 'duplicate_agent' };

export function agents(database, tokenKeys) {
  let keys = tokenKeys;
  const sessions = new Map(); // guild_id → Set of agent_id

  return {
    'agents.register': async (agent) => {
      if (!/^agent\d{1,20}$/.test(agent.agent_id)) throw new Rejection('invalid_format');
      if (!storable(agent.token)) throw new Rejection('invalid_format');
      if (keys.length === 0) throw new Rejection('key_missing');
      await named(DUPLICATES, transaction(database, (client) => register(client, agent, keys)));
    },
    'agents.token': async ({ agent_id }) => {
      const query = 'SELECT token, status FROM agent_bots WHERE agent_id = $1';
      const { rows } = await database.query(query, [agent_id]);
      if (rows.length === 0) throw new Rejection('unknown_agent');
      if (rows[0].status === 'revoked') throw new Rejection('revoked');
      return { token: decrypt(rows[0].token, agent_id, keys) };
    },
    'agents.set_status': async ({ agent_id, status }) => {
      if (!STATUSES.includes(status)) throw new Rejection('invalid_status');
      const { rowCount } = await database.query(
        `UPDATE agent_bots SET status = $2, updated_at = GREATEST(updated_at, $3)
         WHERE agent_id = $1`,
        [agent_id, status, Date.now()],
      );
      if (rowCount === 0) throw new Rejection('unknown_agent');
    },
    'agents.allocate': async ({ guild_id, count }) => {
      const active = await activeAgents(database, guild_id);
      // From here on nothing waits, so that no other allocation comes between.
      const own = sessions.get(guild_id) ?? new Set();
      if (!Number.isInteger(count) || count < 1 || own.size + count > MOST_AGENTS) {
        throw new Rejection('agent_limit');
      }
      const taken = new Set([...sessions.values()].flatMap((set) => [...set]));
      const handed = active.filter((agent) => !taken.has(agent)).slice(0, count);
      if (handed.length < count) throw new Rejection('not_enough_agents');
      sessions.set(guild_id, new Set([...own, ...handed]));
      return { agents: handed };
    },
    'agents.release': async ({ guild_id }) => {
      sessions.delete(guild_id);
    },
    'agents.rotate_key': async ({ new_key }) => {
      const rotation = (client) => reencrypt(client, keys, new_key);
      const reencrypted = await transaction(database, rotation);
      keys = [new_key];
      return { reencrypted };
    },
  };
}

const storable = (token) => !token.includes('\0') && Buffer.byteLength(token) <= LONGEST_TOKEN;

async function register(client, { agent_id, token, client_id, tag, pool_id, profile }, keys) {
  await client.query(TOKENS_LOCK);
  const same = await client.query(
    "SELECT FROM agent_bots WHERE split_part(token, ':', 3) = ANY($1) AND agent_id <> $2",
    [keys.map((key) => fingerprint(token, key)), agent_id],
  );
  if (same.rowCount > 0) throw new Rejection('duplicate_token');
  const stored = encrypt(token, agent_id, keys[0]);
  const columns = ['agent_id', 'token', 'client_id', 'tag', 'created_at', 'updated_at', 'profile'];
  const now = Date.now();
  const values = [agent_id, stored, client_id, tag, now, now, profile];
  if (pool_id !== undefined && pool_id !== null) {
    columns.push('pool_id');
    values.push(pool_id);
  }
  const places = values.map((_, i) => `$${i + 1}`);
  await client.query(`INSERT INTO agent_bots (${columns}) VALUES (${places})`, values);
}

async function activeAgents(database, guild) {
  const { rows } = await database.query(
    `SELECT agent_id FROM agent_bots
     WHERE status = 'active' AND pool_id = COALESCE(
       (SELECT data->>'selectedPoolId' FROM guild_settings WHERE guild_id = $1), $2)
     ORDER BY id`,
    [guild, DEFAULT_POOL],
  );
  return rows.map((row) => row.agent_id);
}

async function reencrypt(client, oldKeys, newKey) {
  await client.query(TOKENS_LOCK);
  const { rows } = await client.query('SELECT agent_id, token FROM agent_bots ORDER BY id FOR UPDATE');
  for (const { agent_id, token } of rows) {
    const again = encrypt(decrypt(token, agent_id, oldKeys), agent_id, newKey);
    await client.query(
      'UPDATE agent_bots SET token = $2, updated_at = GREATEST(updated_at, $3) WHERE agent_id = $1',
      [agent_id, again, Date.now()],
    );
  }
  return rows.length;
}
