import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { Rejection } from './rejections.mjs';

const DIRECTORY = fileURLToPath(new URL('../migrations', import.meta.url));

/** Apply what is pending, each file in a transaction of its own; the versions applied. */
export async function migrate(url, directory = DIRECTORY) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(4970000)');
    const pending = checked(await filesIn(directory), await recordsOf(client));
    for (const file of pending) await apply(client, file);
    return { applied: pending.map(({ version }) => version) };
  } finally {
    await client.end();
  }
}

async function filesIn(directory) {
  const names = (await readdir(directory)).filter((name) => /^\d{8}_\d{6}_.*\.[cm]?js$/.test(name));
  return Promise.all(
    names.sort().map(async (name) => {
      const path = join(directory, name);
      const checksum = createHash('sha256').update(await readFile(path)).digest('hex');
      return { path, name, version: name.slice(0, 15), checksum };
    }),
  );
}

async function recordsOf(client) {
  const { rows } = await client.query("SELECT to_regclass('schema_migrations') AS found");
  if (rows[0].found === null) return [];
  const query = 'SELECT version, checksum FROM schema_migrations ORDER BY version';
  return (await client.query(query)).rows;
}

function checked(files, records) {
  const pending = new Map();
  for (const file of files) {
    const other = pending.get(file.version);
    if (other) throw new Rejection('migration_failed', `${other.name} and ${file.name} have one version`);
    pending.set(file.version, file);
  }
  for (const { version, checksum } of records) {
    const file = pending.get(version);
    if (!file) throw new Rejection('missing_file', `${version} was applied, and its file is gone`);
    if (file.checksum !== checksum) {
      throw new Rejection('checksum_mismatch', `${file.name} (${version}) changed after it was applied`);
    }
    pending.delete(version);
  }
  const newest = records.at(-1)?.version ?? '';
  for (const { version } of pending.values()) {
    if (version < newest) {
      throw new Rejection('out_of_order', `${version} is older than ${newest}, which was applied`);
    }
  }
  return [...pending.values()];
}

async function apply(client, { path, name, version, checksum }) {
  const began = Date.now();
  try {
    const { default: migration } = await import(pathToFileURL(path));
    await client.query('BEGIN');
    await migration.up(client);
    await client.query(
      `INSERT INTO schema_migrations (version, description, checksum, execution_time_ms)
       VALUES ($1, $2, $3, $4)`,
      [version, migration.description, checksum, Date.now() - began],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new Rejection('migration_failed', `${name} (${version}): ${error.message}`);
  }
}
