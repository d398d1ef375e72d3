// Imports the migration named by the first argument and writes what it exports, as JSON, to the
// file named by the second: standard output belongs to whatever the migration prints.
import { writeFileSync } from 'node:fs';
import { importMigration } from './migration_exports.mjs';

const EMPTY_BODY = /\{(\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*\}\s*$/;

const [path, answer] = process.argv.slice(2);
const text = (value) => (typeof value === 'string' ? value : null);

const [shape, migration] = await importMigration(path);
const { up, down } = migration;

writeFileSync(
  answer,
  JSON.stringify({
    shape,
    keys: Object.keys(migration),
    version: text(migration.version) ?? text(migration.id),
    description: text(migration.description),
    up: typeof up === 'function',
    down: typeof down === 'function' && !EMPTY_BODY.test(String(down)),
  }),
);
process.exit(0);
