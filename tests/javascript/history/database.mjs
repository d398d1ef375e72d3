// `pg` is installed for the implementation next door.
import { createRequire } from 'node:module';

const { default: pg } = await import(
  createRequire(new URL('../implementation/package.json', import.meta.url)).resolve('pg')
);

/** Do `work` with a client of the database that the environment names. */
export async function withClient(work) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
