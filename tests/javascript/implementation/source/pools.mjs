import { Rejection, named } from './rejections.mjs';

export function pools(database) {
  return {
    'pools.create': async ({ pool_id, owner_user_id, name, visibility, meta }) => {
      if (!/^pool_./s.test(pool_id)) throw new Rejection('invalid_format');
      if (!['public', 'private'].includes(visibility)) throw new Rejection('invalid_visibility');
      const created = database.query(
        `INSERT INTO agent_pools
           (pool_id, owner_user_id, name, visibility, created_at, updated_at, meta)
         VALUES ($1, $2, $3, $4, $5, $5, $6)`,
        [pool_id, owner_user_id, name, visibility, Date.now(), meta],
      );
      await named({ 23505: 'duplicate_pool' }, created);
    },
  };
}
