// The driver: how the conformance suite asks this implementation to do things.
//
// An operation that is here is claimed, and judged; delete what there is not. All operations, with
// arguments and results: chopsticks.d.mts. The suite looks at the tables itself, so that an
// operation only acts.
import { serve, Rejected } from './chopsticks.mjs'; // First: it keeps standard output to itself.
// import { Bot } from '../src/bot.js';

serve(
  ({ database, tokenKeys }) => {
    // const bot = new Bot({ connectionString: database.url, tokenKeys });
    return {
      // 'wallets.credit': async ({ user_id, amount, reason }) => {
      //   await bot.wallets.credit(user_id, BigInt(amount), reason);
      // },
      // 'wallets.debit': async ({ user_id, amount, reason }) => {
      //   if (!(await bot.wallets.debit(user_id, BigInt(amount), reason))) {
      //     throw new Rejected('insufficient_funds');
      //   }
      // },
    };
  },
  {
    concurrent: false, // true: several operations may be under way at once
    clock: 'wall', // 'argument': operations use the time they are given
  },
);
