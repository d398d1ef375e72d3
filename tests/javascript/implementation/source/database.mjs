import pg from 'pg';

export function open(url) {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // A connection that the server ends while it is idle: the pool makes a new one.
  pool.on('error', (error) => console.error(`idle connection: ${error.message}`));
  return pool;
}

/** Run `work` with a client in a transaction, undone when it throws. */
export async function transaction(pool, work) {
  const client = await pool.connect();
  let broken;
  // Without a listener, a connection that breaks between two queries would end the process.
  const noteBreak = (error) => (broken = error);
  client.on('error', noteBreak);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failed) => (broken = failed));
    throw error;
  } finally {
    client.off('error', noteBreak);
    client.release(broken);
  }
}
