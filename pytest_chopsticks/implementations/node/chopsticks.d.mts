/**
 * An integer argument: a `number` where that is exact, a `bigint` outside ±(2^53−1).
 * `BigInt(value)` accepts both, and throws a RangeError for a fraction.
 */
export type Integer = number | bigint;

/** An integer in a result: `pg` gives BIGINT columns as strings, which may be passed on. */
export type IntegerResult = number | bigint | string;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Document = { [key: string]: Json };

export interface TokenKey {
  id: string;
  /** 32 bytes as 64 hex digits. */
  key: string;
}

/** What the suite tells a driver when it starts. */
export interface Context {
  database: {
    /** `postgresql://…`: the role is an ordinary one that owns the database. */
    url: string;
    host: string;
    port: number;
    user: string;
    password: string;
    dbname: string;
  };
  /** The first is the one to encrypt with; there may be none. */
  tokenKeys: TokenKey[];
  [more: string]: unknown;
}

type Operation<Arguments, Result = void> = (
  args: Arguments,
  context: Context,
) => Result | Promise<Result>;

/** The operations of the contract; those present are the ones the driver claims. */
export interface Operations {
  migrate?: Operation<{ migrations?: string }, { applied: string[] }>;
  verify_schema?: Operation<Record<string, never>, { hash: string }>;
  'settings.get'?: Operation<{ guild_id: string }, { data: Document; rev: IntegerResult }>;
  'settings.save'?: Operation<
    { guild_id: string; data: Document; expected_rev: Integer },
    { rev: IntegerResult }
  >;
  'pools.create'?: Operation<{
    pool_id: string;
    owner_user_id: string;
    name: string;
    visibility: string;
    meta?: Document;
  }>;
  'agents.register'?: Operation<{
    agent_id: string;
    token: string;
    client_id: string;
    tag: string;
    pool_id?: string;
    profile?: Document;
  }>;
  'agents.token'?: Operation<{ agent_id: string }, { token: string }>;
  'agents.set_status'?: Operation<{ agent_id: string; status: string }>;
  'agents.allocate'?: Operation<{ guild_id: string; count: Integer }, { agents: string[] }>;
  'agents.release'?: Operation<{ guild_id: string }>;
  'agents.rotate_key'?: Operation<{ new_key: TokenKey }, { reencrypted: IntegerResult }>;
  'runners.heartbeat'?: Operation<{ runner_id: string; at_ms: Integer; meta?: Document }>;
  'commands.record'?: Operation<{
    guild_id: string;
    command: string;
    ok: boolean;
    duration_ms: Integer;
    at_ms: Integer;
  }>;
  'audit.record'?: Operation<{
    guild_id: string;
    user_id: string;
    action: string;
    details?: Document;
  }>;
  'retention.purge'?: Operation<
    { now_ms: Integer },
    { audit_log: IntegerResult; command_stats_daily: IntegerResult }
  >;
  'wallets.credit'?: Operation<{ user_id: string; amount: Integer; reason: string }>;
  'wallets.debit'?: Operation<{ user_id: string; amount: Integer; reason: string }>;
  'wallets.transfer'?: Operation<{
    from_user: string;
    to_user: string;
    amount: Integer;
    reason: string;
  }>;
  'wallets.deposit'?: Operation<{ user_id: string; amount: Integer }>;
  'wallets.withdraw'?: Operation<{ user_id: string; amount: Integer }>;
  'inventory.add'?: Operation<{ user_id: string; item_id: string; quantity: Integer }>;
  'inventory.remove'?: Operation<{ user_id: string; item_id: string; quantity: Integer }>;
  'streaks.claim'?: Operation<
    { user_id: string; kind: 'daily' | 'weekly'; at_ms: Integer },
    { streak: IntegerResult; longest: IntegerResult; multiplier: number | string }
  >;
  'pets.adopt'?: Operation<
    { user_id: string; pet_type: string; name?: string; stats?: Document },
    { id: IntegerResult }
  >;
  'pets.update'?: Operation<{ id: Integer; name?: string; stats?: Document }>;
}

export interface Options {
  /** Default: the `name` and `version` of the package.json in the working directory. */
  name?: string;
  version?: string;
  homepage?: string;
  /** Where to report bugs of the implementation. */
  issues?: string;
  /** Whether several operations may be under way at once. Default: false, one after another. */
  concurrent?: boolean;
  /** Whether operations use the time they are given or the wall clock. Default: `wall`. */
  clock?: 'argument' | 'wall';
  /** Called when the driver is shut down, or initialised again. */
  close?: (context: Context | null) => unknown;
}

/**
 * Answer the suite's requests until it shuts the driver down or closes standard input.
 *
 * Takes the operations, or a function that is called with the context when the suite says which
 * database to work on, and returns them.
 *
 * What an operation throws becomes a rejection when it is a `Rejected` (or any error whose
 * `rejection` is a string), or an error of `pg` with an SQLSTATE of class 22 or 23, also behind
 * `cause`, `original` or `driverError`. Everything else is a fault: its stack goes to standard
 * error. An exception that nothing caught is the fault of all operations under way.
 */
export function serve(
  operations: Operations | ((context: Context) => Operations | Promise<Operations>),
  options?: Options,
): void;

/** An operation's refusal, by one of the names in the contract. */
export class Rejected extends Error {
  constructor(rejection: string, message?: string);
  readonly rejection: string;
}

/** The arguments that are converted to `bigint` where they arrive as decimal strings. */
export const INTEGER_ARGUMENTS: readonly string[];
