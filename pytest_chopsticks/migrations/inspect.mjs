// Imports the migration named by the first argument and writes what it exports, as JSON, to the
// file named by the second: standard output belongs to whatever the migration prints.
import { realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const EMPTY_BODY = /\{(\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*\}\s*$/;

const [path, answer] = process.argv.slice(2);
const namespace = await import(pathToFileURL(path).href);

const isObject = (value) => value !== null && typeof value === 'object';
const text = (value) => (typeof value === 'string' ? value : null);

function shapeOf() {
  // Node puts a CommonJS module into require's cache also when it is imported.
  if (createRequire(path).cache[realpathSync(path)]) return ['commonjs', namespace.default];
  if (isObject(namespace.default)) return ['default', namespace.default];
  return ['named', namespace];
}

const [shape, found] = shapeOf();
const migration = isObject(found) ? found : {};
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
