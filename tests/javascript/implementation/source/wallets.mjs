import { transaction } from './database.mjs';
import { Rejection, named, positive } from './rejections.mjs';

const LARGEST = 2n ** 63n - 1n;
const amountOf = (amount) => positive(amount, LARGEST, 'invalid_amount');
const orOverflow = (work) => named({ 22003: 'overflow' }, work);

const CREDIT = `
  WITH earned AS (
    INSERT INTO user_wallets (user_id, balance, total_earned, created_at, updated_at)
    VALUES ($1, $2, $2, $4, $4)
    ON CONFLICT (user_id) DO UPDATE
    SET balance = user_wallets.balance + $2, total_earned = user_wallets.total_earned + $2,
        updated_at = GREATEST(user_wallets.updated_at, $4)
    RETURNING user_id
  )
  INSERT INTO transaction_log (to_user, amount, reason, timestamp)
  SELECT user_id, $2, $3, $4 FROM earned`;

const DEBIT = `
  WITH spent AS (
    UPDATE user_wallets
    SET balance = balance - $2, total_spent = total_spent + $2,
        updated_at = GREATEST(updated_at, $4)
    WHERE user_id = $1 AND balance >= $2
    RETURNING user_id
  )
  INSERT INTO transaction_log (from_user, amount, reason, timestamp)
  SELECT user_id, $2, $3, $4 FROM spent`;

export function wallets(database) {
  return {
    'wallets.credit': async ({ user_id, amount, reason }) => {
      await orOverflow(database.query(CREDIT, [user_id, amountOf(amount), reason, Date.now()]));
    },
    'wallets.debit': async ({ user_id, amount, reason }) => {
      const values = [user_id, amountOf(amount), reason, Date.now()];
      expectFunds(await orOverflow(database.query(DEBIT, values)));
    },
    'wallets.transfer': async ({ from_user, to_user, amount, reason }) => {
      const exact = amountOf(amount);
      if (from_user === to_user) throw new Rejection('same_user');
      const move = (client) => transfer(client, from_user, to_user, exact, reason);
      await orOverflow(transaction(database, move));
    },
    'wallets.deposit': ({ user_id, amount }) => bank(database, user_id, amountOf(amount)),
    'wallets.withdraw': ({ user_id, amount }) => bank(database, user_id, -amountOf(amount)),
  };
}

async function transfer(client, from, to, amount, reason) {
  const now = Date.now();
  // The receiver first, then both in order: opposite transfers must not wait for each other.
  await client.query(
    `INSERT INTO user_wallets (user_id, created_at, updated_at) VALUES ($1, $2, $2)
     ON CONFLICT DO NOTHING`,
    [to, now],
  );
  await client.query(
    'SELECT FROM user_wallets WHERE user_id = ANY($1) ORDER BY user_id FOR UPDATE',
    [[from, to]],
  );
  const paid = await client.query(
    `UPDATE user_wallets SET balance = balance - $2, total_spent = total_spent + $2,
       updated_at = GREATEST(updated_at, $3)
     WHERE user_id = $1 AND balance >= $2`,
    [from, amount, now],
  );
  expectFunds(paid);
  await client.query(
    `UPDATE user_wallets SET balance = balance + $2, total_earned = total_earned + $2,
       updated_at = GREATEST(updated_at, $3)
     WHERE user_id = $1`,
    [to, amount, now],
  );
  await client.query(
    `INSERT INTO transaction_log (from_user, to_user, amount, reason, timestamp)
     VALUES ($1, $2, $3, $4, $5)`,
    [from, to, amount, reason, now],
  );
}

/** Move `amount` from the balance to the bank, or back where it is negative. */
async function bank(database, user, amount) {
  await transaction(database, async (client) => {
    const { rows } = await client.query(
      'SELECT balance, bank, bank_capacity FROM user_wallets WHERE user_id = $1 FOR UPDATE',
      [user],
    );
    if (rows.length === 0) throw new Rejection('insufficient_funds');
    const balance = BigInt(rows[0].balance);
    const banked = BigInt(rows[0].bank);
    const capacity = BigInt(rows[0].bank_capacity);
    if (balance < amount || banked < -amount) throw new Rejection('insufficient_funds');
    if (amount > 0n && banked + amount > capacity) throw new Rejection('over_capacity');
    await client.query(
      `UPDATE user_wallets SET balance = $2, bank = $3, updated_at = GREATEST(updated_at, $4)
       WHERE user_id = $1`,
      [user, balance - amount, banked + amount, Date.now()],
    );
  });
}

function expectFunds({ rowCount }) {
  if (rowCount === 0) throw new Rejection('insufficient_funds');
}
