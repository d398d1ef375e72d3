// What this implementation claims, told to the suite.
import { serve } from '../../../pytest_chopsticks/implementations/node/chopsticks.mjs';
import { agents } from './source/agents.mjs';
import { open } from './source/database.mjs';
import { inventory } from './source/inventory.mjs';
import { migrate } from './source/migration_runner.mjs';
import { pets } from './source/pets.mjs';
import { pools } from './source/pools.mjs';
import { records } from './source/records.mjs';
import { verifySchema } from './source/schema_check.mjs';
import { settings } from './source/settings.mjs';
import { streaks } from './source/streaks.mjs';
import { wallets } from './source/wallets.mjs';

let database;

serve(
  ({ database: { url }, tokenKeys }) => {
    database = open(url);
    return {
      migrate: ({ migrations }) => migrate(url, migrations),
      verify_schema: () => verifySchema(database),
      ...settings(database),
      ...pools(database),
      ...agents(database, tokenKeys),
      ...records(database),
      ...wallets(database),
      ...inventory(database),
      ...streaks(database),
      ...pets(database),
    };
  },
  { concurrent: true, clock: 'argument', close: () => database?.end() },
);
