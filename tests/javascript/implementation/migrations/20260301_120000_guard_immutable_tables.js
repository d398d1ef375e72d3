const TABLES = ['schema_migrations', 'transaction_log'];

export default {
  version: '20260301_120000',
  description: 'Refuse changes of rows that are never to change',
  async up(client) {
    await client.query(`
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = '42501';
      END $$
    `);
    for (const table of TABLES) {
      await client.query(`
        CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
      `);
    }
  },
  async down(client) {
    for (const table of TABLES) await client.query(`DROP TRIGGER never_changes ON ${table}`);
    await client.query('DROP FUNCTION refuse_change()');
  },
};
