// Runs a migration with npm's pg, in a transaction: node run_with_pg.mjs FILE DIRECTORY_WITH_PG
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path, packages] = process.argv.slice(2);
const pg = createRequire(join(packages, 'package.json'))('pg');
const { up } = await import(pathToFileURL(path));

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query('BEGIN');
await up(client);
await client.end();
