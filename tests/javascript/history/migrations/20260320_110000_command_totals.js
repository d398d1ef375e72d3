// Totals over all guilds, kept by a trigger so that old and new code count into them alike.
export default {
  version: '20260320_110000',
  description: 'Totals of commands over all guilds',

  async up(client) {
    await client.query(`
      CREATE TABLE command_totals (
        command TEXT PRIMARY KEY,
        count   BIGINT NOT NULL DEFAULT 0
      )
    `);
    await client.query(`
      INSERT INTO command_totals (command, count)
      SELECT command, sum(count) FROM command_stats GROUP BY command
    `);
    await client.query(`
      CREATE FUNCTION add_to_command_totals() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO command_totals AS totals (command, count)
        VALUES (NEW.command, NEW.count - coalesce(OLD.count, 0))
        ON CONFLICT (command) DO UPDATE SET count = totals.count + EXCLUDED.count;
        RETURN NULL;
      END $$
    `);
    await client.query(`
      CREATE TRIGGER command_totals AFTER INSERT OR UPDATE OF count ON command_stats
      FOR EACH ROW EXECUTE FUNCTION add_to_command_totals()
    `);
  },

  async down(client) {
    await client.query('DROP TRIGGER command_totals ON command_stats');
    await client.query('DROP FUNCTION add_to_command_totals()');
    await client.query('DROP TABLE command_totals');
  },
};
