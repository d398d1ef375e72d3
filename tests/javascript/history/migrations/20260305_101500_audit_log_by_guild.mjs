// The audit page of a guild reads its newest entries. audit_log is large and always written to, so
// the index is built without keeping writers waiting, which takes being outside a transaction.
export const version = '20260305_101500';
export const description = 'An index for the audit page of a guild';
export const transaction = false;

export async function up(client) {
  await client.query('CREATE INDEX CONCURRENTLY idx_audit_log_guild_time ON audit_log (guild_id, created_at DESC)');
}

export async function down(client) {
  await client.query('DROP INDEX CONCURRENTLY idx_audit_log_guild_time');
}
