// A program that logs in every way there is, at import already, and a driver for it.
import { Rejected, serve } from '../../../pytest_chopsticks/implementations/node/chopsticks.mjs';
import { execSync } from 'node:child_process';
import { writeSync } from 'node:fs';

console.log('logged at import');
process.stdout.write('written at import\n');
writeSync(1, 'descriptor 1\n');
execSync('echo from a child; cat', { stdio: 'inherit' });

const wrapped = (cause) => Object.assign(new Error('query failed'), { cause });
const databaseError = (code) => Object.assign(new Error('refused'), { code, severity: 'ERROR' });

serve(
  ({ database, tokenKeys }) => ({
    'wallets.credit': async ({ user_id, amount }) => {
      console.log(`crediting ${user_id}`);
      return { url: database.url, keys: tokenKeys.length, doubled: BigInt(amount) * 2n };
    },
    'wallets.debit': async () => {
      throw new Rejected('insufficient_funds', 'there is nothing left');
    },
    'wallets.transfer': async () => {
      throw wrapped(databaseError('23514'));
    },
    'wallets.deposit': async () => {
      throw databaseError('40001');
    },
    'wallets.withdraw': async () => {
      throw new TypeError('boo');
    },
    'pets.adopt': () => ({ id: 2n ** 53n, safe: 5n, user: '12345678901234567890' }),
    'pets.update': async () => {
      const itself = {};
      return Object.assign(itself, { itself });
    },
    'audit.record': async () => {
      setTimeout(() => {
        throw new Error('nobody awaits this');
      });
      await new Promise(() => {});
    },
    'inventory.add': async () => process.stdout.write('x'.repeat(300_000)),
  }),
  { name: 'noisy', version: '1.2.3', close: () => console.log('closed') },
);
