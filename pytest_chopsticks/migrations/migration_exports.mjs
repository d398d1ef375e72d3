// What a migration exports, in whichever of the three shapes it is written.
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const isObject = (value) => value !== null && typeof value === 'object';

/** Import the file at `path`; `[shape, migration]`, an empty object where it exports none. */
export async function importMigration(path) {
  const namespace = await import(pathToFileURL(path).href);
  const [shape, found] = shapeOf(path, namespace);
  return [shape, isObject(found) ? found : {}];
}

function shapeOf(path, namespace) {
  // Node puts a CommonJS module into require's cache also when it is imported.
  if (createRequire(path).cache[realpathSync(path)]) return ['commonjs', namespace.default];
  if (isObject(namespace.default)) return ['default', namespace.default];
  return ['named', namespace];
}
