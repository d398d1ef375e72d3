import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { transaction } from './database.mjs';
import { Rejection } from './rejections.mjs';

// Tables, columns, primary keys, unique constraints and indexes of the current schema, a line each.
const FACTS = `
  WITH tables AS (
    SELECT oid, relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
  )
  SELECT format('table %s', relname) AS fact FROM tables
  UNION ALL
  SELECT format('column %s.%s %s%s', relname, attname, format_type(atttypid, atttypmod),
                CASE WHEN attnotnull THEN ' not null' END)
  FROM tables JOIN pg_attribute ON attrelid = oid WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT format('constraint on %s: %s', relname, pg_get_constraintdef(c.oid))
  FROM tables JOIN pg_constraint c ON conrelid = tables.oid WHERE contype IN ('p', 'u')
  UNION ALL
  SELECT format('index on %s: %s', relname,
                regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', ''))
  FROM tables JOIN pg_index ON indrelid = oid WHERE indisvalid`;
// Names are shown alike whatever the database's settings say.
const FIXED_SETTINGS = `
  SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true),
         set_config('quote_all_identifiers', 'off', true)`;
const EXPECTED = new URL('../schema_facts.txt', import.meta.url);

export function factsOf(database) {
  return transaction(database, async (client) => {
    await client.query(FIXED_SETTINGS);
    const { rows } = await client.query(FACTS);
    return rows.map(({ fact }) => fact).sort();
  });
}

/** The hash of the schema; rejected, with every difference, where it is not the expected one. */
export async function verifySchema(database) {
  const expected = readFileSync(EXPECTED, 'utf8').trimEnd().split('\n');
  const found = await factsOf(database);
  const missing = without(expected, found).map((fact) => `- ${fact}`);
  const unexpected = without(found, expected).map((fact) => `+ ${fact}`);
  const differences = [...missing, ...unexpected];
  if (differences.length > 0) throw new Rejection('schema_drift', differences.join('\n'));
  return { hash: createHash('sha256').update(found.join('\n')).digest('hex') };
}

/** What is in `facts` and not in `others`, where a fact can be there several times. */
function without(facts, others) {
  const rest = [...others];
  return facts.filter((fact) => {
    const place = rest.indexOf(fact);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
