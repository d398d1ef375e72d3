import { transaction } from './database.mjs';
import { Rejection } from './rejections.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const PERIODS = { daily: DAY_MS, weekly: 7 * DAY_MS };
const HIGHEST_MULTIPLIER = 5;

export function streaks(database) {
  return {
    'streaks.claim': ({ user_id, kind, at_ms }) => {
      if (!Object.hasOwn(PERIODS, kind)) throw new Rejection('invalid_kind');
      return transaction(database, (client) => claim(client, user_id, kind, Number(at_ms)));
    },
  };
}

async function claim(client, user, kind, now) {
  await client.query('INSERT INTO user_streaks (user_id) VALUES ($1) ON CONFLICT DO NOTHING', [user]);
  const { rows } = await client.query('SELECT * FROM user_streaks WHERE user_id = $1 FOR UPDATE', [user]);
  const before = rows[0];
  const streak = continues(before[`last_${kind}`], PERIODS[kind], now) ? before[`${kind}_streak`] + 1 : 1;
  const longest = Math.max(streak, before[`longest_${kind}`]);
  const daily = kind === 'daily' ? streak : before.daily_streak;
  const multiplier = Math.min(HIGHEST_MULTIPLIER, 1 + Math.max(0, daily - 1) * 0.05).toFixed(2);
  await client.query(
    `UPDATE user_streaks SET ${kind}_streak = $2, longest_${kind} = $3, last_${kind} = $4,
       streak_multiplier = $5
     WHERE user_id = $1`,
    [user, streak, longest, now, multiplier],
  );
  return { streak, longest, multiplier };
}

function continues(last, period, now) {
  if (last === null) return false;
  const since = now - Number(last);
  if (since < 0) throw new Rejection('clock_went_back');
  if (since < period) throw new Rejection('already_claimed');
  return since < 2 * period;
}
