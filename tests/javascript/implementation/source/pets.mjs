import { Rejection } from './rejections.mjs';

export function pets(database) {
  return {
    'pets.adopt': async ({ user_id, pet_type, name, stats }) => {
      const { rows } = await database.query(
        `INSERT INTO user_pets (user_id, pet_type, name, stats) VALUES ($1, $2, $3, $4)
         RETURNING id`,
        [user_id, pet_type, name, stats ?? {}],
      );
      return rows[0];
    },
    'pets.update': async ({ id, name, stats }) => {
      const { rowCount } = await database.query(
        `UPDATE user_pets
         SET name = COALESCE($2, name), stats = COALESCE($3, stats),
             updated_at = GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')
         WHERE id = $1`,
        [id, name, stats],
      );
      if (rowCount === 0) throw new Rejection('unknown_pet');
    },
  };
}
