// New code shows a pet by its name. Old code still adopts pets without one.
export default {
  version: '20260315_080000',
  description: 'Every pet has a name',

  async up(client) {
    await client.query("UPDATE user_pets SET name = initcap(pet_type) WHERE name IS NULL");
    await client.query('ALTER TABLE user_pets ALTER COLUMN name SET NOT NULL');
  },

  async down(client) {
    await client.query('ALTER TABLE user_pets ALTER COLUMN name DROP NOT NULL');
  },
};
