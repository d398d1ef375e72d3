// Runs `up` or `down` of a migration: node run_migration.mjs FILE up|down DESCRIPTOR
//
// Every statement goes, a line of JSON each, through the descriptor to the process that started
// this one, which runs it in its own transaction and answers with a line.
import { Socket } from 'node:net';
import { importMigration } from './migration_exports.mjs';
import { DatabaseError, MigrationClient } from './migration_client.mjs';

const OLDEST_NODE = 18;

const [path, direction, descriptor] = process.argv.slice(2);
const socket = new Socket({ fd: Number(descriptor), readable: true, writable: true });
const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
const end = (message) => socket.end(`${JSON.stringify(message)}\n`, () => process.exit(0));
const fail = (error) => end({ failed: describe(error) });

process.on('uncaughtException', fail);

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  end({ unsupported: process.versions.node });
} else {
  await run();
}

async function run() {
  try {
    const [, migration] = await importMigration(path);
    if (typeof migration[direction] !== 'function') return end({ missing: direction });
    await migration[direction](clientOf(socket));
    return end({ done: true });
  } catch (error) {
    return fail(error);
  }
}

function clientOf(stream) {
  const client = new MigrationClient(send);
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) client.receive(JSON.parse(line));
  });
  return client;
}

function describe(error) {
  const name = error instanceof DatabaseError ? 'DatabaseError' : error?.name;
  return {
    name: typeof name === 'string' ? name : typeof error,
    message: String(error?.message ?? error),
    stack: typeof error?.stack === 'string' ? error.stack : '',
    code: typeof error?.code === 'string' ? error.code : null,
  };
}
