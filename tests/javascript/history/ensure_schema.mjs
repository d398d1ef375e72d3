// What the bot did before it had migrations: the tables of version 1.0.0, unless they are there.
import { withClient } from './database.mjs';
import schema from '../implementation/migrations/20260214_000000_schema_1_0_0.js';

await withClient(async (client) => {
  const { rows } = await client.query("SELECT to_regclass('guild_settings') AS found");
  if (rows[0].found === null) await schema.up(client);
});
