// node migrate.mjs DIRECTORY: applies what is pending, outside a transaction where a file asks for
// that (`transaction: false`).
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withClient } from './database.mjs';

const LOCK = 4970001;
const RECORD = `INSERT INTO schema_migrations (version, description, checksum, execution_time_ms)
  VALUES ($1, $2, $3, $4)`;
const pause = () => new Promise((done) => setTimeout(done, 20));

try {
  await withClient((client) => migrate(client, resolve(process.argv[2])));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function migrate(client, directory) {
  // Waiting inside a statement would deadlock with a CREATE INDEX CONCURRENTLY.
  while (!(await client.query('SELECT pg_try_advisory_lock($1) AS had', [LOCK])).rows[0].had) await pause();
  const { rows } = await client.query('SELECT version, checksum FROM schema_migrations ORDER BY version');
  for (const file of pending(await filesIn(directory), rows)) {
    await apply(client, file);
    console.log(`applied ${file.version}`);
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

function pending(files, records) {
  const left = new Map();
  for (const file of files) {
    if (left.has(file.version)) throw new Error(`two files have the version ${file.version}`);
    left.set(file.version, file);
  }
  for (const { version, checksum } of records) {
    const file = left.get(version);
    if (!file) throw new Error(`${version} was applied, and its file is gone`);
    if (file.checksum !== checksum) throw new Error(`${file.name} (${version}) changed after it was applied`);
    left.delete(version);
  }
  const newest = records.at(-1)?.version ?? '';
  const late = [...left.keys()].find((version) => version < newest);
  if (late) throw new Error(`${late} is older than ${newest}, which was applied`);
  return [...left.values()];
}

async function apply(client, { path, version, checksum }) {
  const module = await import(pathToFileURL(path));
  const migration = module.default ?? module;
  const [begin, commit] = migration.transaction === false ? [] : ['BEGIN', 'COMMIT'];
  const began = Date.now();
  try {
    if (begin) await client.query(begin);
    await migration.up(client);
    await client.query(RECORD, [version, migration.description, checksum, Date.now() - began]);
    if (commit) await client.query(commit);
  } catch (error) {
    if (begin) await client.query('ROLLBACK');
    throw new Error(`${version}: ${error.message}`);
  }
}
