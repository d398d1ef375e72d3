// npm run migrate [-- DIRECTORY]
import { migrate } from './source/migration_runner.mjs';

try {
  const { applied } = await migrate(process.env.DATABASE_URL, process.argv[2]);
  console.log(applied.length ? `applied ${applied.join(', ')}` : 'nothing to apply');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
