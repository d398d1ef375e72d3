export default {
  version: '20260214_000000',
  description: 'Create the schema of version 1.0.0',
  async up(client) {
    await client.query(`
      CREATE TABLE guild_settings (
        guild_id   TEXT PRIMARY KEY,
        data       JSONB NOT NULL,
        rev        INTEGER NOT NULL DEFAULT 0,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
      )
    `);
    await client.query(`
      CREATE TABLE agent_bots (
        id         SERIAL PRIMARY KEY,
        agent_id   TEXT UNIQUE NOT NULL,
        token      TEXT UNIQUE NOT NULL,
        client_id  TEXT UNIQUE NOT NULL,
        tag        TEXT NOT NULL,
        status     TEXT NOT NULL DEFAULT 'active',
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        pool_id    TEXT DEFAULT 'pool_goot27',
        profile    JSONB
      )
    `);
    await client.query('CREATE INDEX idx_agent_bots_pool_id ON agent_bots(pool_id)');
    await client.query(`
      CREATE TABLE agent_pools (
        pool_id       TEXT PRIMARY KEY,
        owner_user_id TEXT NOT NULL,
        name          TEXT NOT NULL,
        visibility    TEXT NOT NULL DEFAULT 'private',
        created_at    BIGINT NOT NULL,
        updated_at    BIGINT NOT NULL,
        meta          JSONB
      )
    `);
    await client.query('CREATE INDEX idx_agent_pools_owner_user_id ON agent_pools(owner_user_id)');
    await client.query('CREATE INDEX idx_agent_pools_visibility ON agent_pools(visibility)');
    await client.query(`
      CREATE TABLE agent_runners (
        runner_id TEXT PRIMARY KEY,
        last_seen BIGINT NOT NULL,
        meta      JSONB
      )
    `);
    await client.query(`
      CREATE TABLE schema_migrations (
        version           TEXT PRIMARY KEY,
        description       TEXT NOT NULL,
        applied_at        TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        checksum          TEXT NOT NULL,
        execution_time_ms INTEGER
      )
    `);
    await client.query(`
      CREATE TABLE audit_log (
        id         BIGSERIAL PRIMARY KEY,
        guild_id   TEXT NOT NULL,
        user_id    TEXT NOT NULL,
        action     TEXT NOT NULL,
        details    JSONB,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
      )
    `);
    await client.query(`
      CREATE TABLE command_stats (
        guild_id   TEXT NOT NULL,
        command    TEXT NOT NULL,
        ok         BIGINT NOT NULL DEFAULT 0,
        err        BIGINT NOT NULL DEFAULT 0,
        total_ms   BIGINT NOT NULL DEFAULT 0,
        count      BIGINT NOT NULL DEFAULT 0,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        PRIMARY KEY (guild_id, command)
      )
    `);
    await client.query(`
      CREATE TABLE command_stats_daily (
        day        DATE NOT NULL,
        guild_id   TEXT NOT NULL,
        command    TEXT NOT NULL,
        ok         BIGINT NOT NULL DEFAULT 0,
        err        BIGINT NOT NULL DEFAULT 0,
        total_ms   BIGINT NOT NULL DEFAULT 0,
        count      BIGINT NOT NULL DEFAULT 0,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        PRIMARY KEY (day, guild_id, command)
      )
    `);
    await client.query(`
      CREATE TABLE user_wallets (
        user_id       TEXT PRIMARY KEY,
        balance       BIGINT NOT NULL DEFAULT 0 CHECK (balance >= 0),
        bank          BIGINT NOT NULL DEFAULT 0 CHECK (bank >= 0),
        bank_capacity BIGINT NOT NULL DEFAULT 10000,
        total_earned  BIGINT NOT NULL DEFAULT 0,
        total_spent   BIGINT NOT NULL DEFAULT 0,
        created_at    BIGINT NOT NULL,
        updated_at    BIGINT NOT NULL
      )
    `);
    await client.query('CREATE INDEX idx_wallets_balance ON user_wallets(balance DESC)');
    await client.query(`
      CREATE TABLE transaction_log (
        id        SERIAL PRIMARY KEY,
        from_user TEXT,
        to_user   TEXT,
        amount    BIGINT NOT NULL,
        reason    TEXT NOT NULL,
        metadata  JSONB DEFAULT '{}'::jsonb,
        timestamp BIGINT NOT NULL
      )
    `);
    await client.query('CREATE INDEX idx_transactions_time ON transaction_log(timestamp DESC)');
    await client.query(`
      CREATE TABLE user_inventory (
        id          SERIAL PRIMARY KEY,
        user_id     TEXT NOT NULL,
        item_id     TEXT NOT NULL,
        quantity    INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
        metadata    JSONB DEFAULT '{}'::jsonb,
        acquired_at BIGINT NOT NULL,
        UNIQUE(user_id, item_id)
      )
    `);
    await client.query('CREATE INDEX idx_inventory_user ON user_inventory(user_id)');
    await client.query(`
      CREATE TABLE user_streaks (
        user_id           TEXT PRIMARY KEY,
        daily_streak      INTEGER NOT NULL DEFAULT 0,
        weekly_streak     INTEGER NOT NULL DEFAULT 0,
        last_daily        BIGINT,
        last_weekly       BIGINT,
        longest_daily     INTEGER NOT NULL DEFAULT 0,
        longest_weekly    INTEGER NOT NULL DEFAULT 0,
        streak_multiplier NUMERIC(3,2) NOT NULL DEFAULT 1.00
          CHECK (streak_multiplier >= 1.00 AND streak_multiplier <= 5.00)
      )
    `);
    await client.query(`
      CREATE TABLE user_pets (
        id         BIGSERIAL PRIMARY KEY,
        user_id    TEXT NOT NULL,
        pet_type   TEXT NOT NULL,
        name       TEXT,
        stats      JSONB DEFAULT '{}'::jsonb,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
      )
    `);
    await client.query('CREATE INDEX idx_user_pets_user_id ON user_pets(user_id)');
  },
};
