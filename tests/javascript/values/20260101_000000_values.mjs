// Prints what a client makes of values of many types, in both directions.
const RESULTS = [
  '1::int2', '1::int4', '9223372036854775807::int8', '1::oid', '1.50::numeric', "'NaN'::float8",
  '1.5::float4', "'-Infinity'::float8", 'true', 'false', 'NULL::int', "'text'", "'a'::name",
  "'2026-03-01'::date", "'0044-03-15 BC'::date", "'infinity'::date", "'-infinity'::timestamptz",
  "'2026-03-01 12:34:56.789123'::timestamp", "'2026-03-01 12:34:56.7891+05:30'::timestamptz",
  "'1890-01-01 00:00:00+00'::timestamptz", "'12345-01-01'::date", "'0001-01-01'::date",
  "'12:34:56'::time", `'{"a": [1, null, "x"]}'::json`, `'{"b": 9007199254740993}'::jsonb`,
  "'null'::jsonb", "'\\xdeadbeef'::bytea", "''::bytea", "'(1.5,-2)'::point",
  "'6c0a1b4e-0000-4000-8000-000000000000'::uuid", "'{1,2,NULL}'::int[]", "'{}'::int[]",
  "'{{1,2},{3,4}}'::int[]", `'{"a b","c\\"d","e\\\\f",NULL,"NULL",""}'::text[]`,
  "'{9223372036854775807}'::int8[]", "'{1.50}'::numeric[]", "'{t,f}'::bool[]",
  `array['{"a":1}'::jsonb]`, "array['2026-03-01'::date]", "array['2026-03-01 01:02:03Z'::timestamptz]",
  "array['\\x00ff'::bytea]", "'[0:1]={7,8}'::int[]", "'[1,5)'::int4range", "'127.0.0.1'::inet",
  "interval '1 year 2 mons -3 days'", "interval '-04:05:06.789'", "interval '0'",
  "interval '1 day 00:00:01'", "'{1 day}'::interval[]", "'{1.5}'::float8[]", 'ROW(1, 2)',
];

const PARAMETERS = [
  ['text', 'x'], ['int', 5], ['int', '5'], ['bigint', 2n ** 62n], ['numeric', 1.25], ['bool', true],
  ['text', null], ['text', undefined], ['jsonb', { a: [1, 'ü'] }], ['jsonb', JSON.stringify([1])],
  ['int[]', [1, 2, null]], ['text[]', ['a', 'b "c"', 'd\\e', null, '']], ['int[]', [[1], [2]]],
  ['text[]', []], ['jsonb[]', [{ a: 1 }]], ['bytea', Buffer.from([0, 255])],
  ['bytea', new Uint8Array([1, 2, 3]).subarray(1)], ['timestamptz', new Date(1700000000123)],
  ['timestamp', new Date(1700000000123)], ['date', new Date(2026, 0, 2)],
  ['timestamptz', new Date(-1e14)], ['timestamptz[]', [new Date(0)]], ['bytea[]', [Buffer.from('a')]],
  ['text', { toPostgres: () => 'own' }], ['text', Symbol.iterator.description], ['float8', NaN],
];

const COMMANDS = [
  'CREATE TEMP TABLE t (a int, b text)', "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
  'UPDATE t SET b = NULL', 'SELECT * FROM t', 'SELECT a, a FROM t', 'DELETE FROM t', '', '-- none',
  'SELECT 1; SELECT 2', 'SAVEPOINT s', "DO $$ BEGIN NULL; END $$", 'TABLE t', 'SELECT FROM t',
];

const ERRORS = [
  'SELECT 1/0', 'SELECT * FROM nowhere', "SELECT\n  'a'::int", 'SELEC', "INSERT INTO u VALUES (-1, 'k')",
  "INSERT INTO u VALUES (1, NULL)", "DO $$ BEGIN RAISE EXCEPTION 'x' USING DETAIL = 'd', HINT = 'h'; END $$",
];
const ERROR_FIELDS = [
  'name', 'message', 'severity', 'code', 'detail', 'hint', 'position', 'internalPosition',
  'internalQuery', 'where', 'schema', 'table', 'column', 'dataType', 'constraint', 'routine',
];

function described(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return value.map(described);
  if (Buffer.isBuffer(value)) return `Buffer ${value.toString('hex')}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, described(item)]));
  }
  return `${typeof value} ${Object.is(value, -0) ? '-0' : value}`;
}

const field = ({ name, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format }) => [
  name, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format,
];

export async function up(client) {
  const print = (what, found) => console.log(JSON.stringify([what, found]));
  for (const expression of RESULTS) {
    const { rows, fields } = await client.query(`SELECT ${expression} AS v`);
    print(expression, [described(rows[0].v), field(fields[0])]);
  }
  for (const [type, value] of PARAMETERS) {
    const { rows } = await client.query(`SELECT ($1::${type})::text AS v`, [value]);
    print(`${type} ${JSON.stringify(described(value))}`, described(rows[0].v));
  }
  for (const text of COMMANDS) {
    const found = [await client.query(text)].flat();
    print(text, found.map(({ command, rowCount, rows, oid }) => described([command, rowCount, rows, oid])));
  }
  await client.query('CREATE TEMP TABLE u (a int CONSTRAINT positive CHECK (a > 0), b text NOT NULL)');
  for (const text of ERRORS) {
    await client.query('SAVEPOINT e');
    const error = await client.query(text).catch((thrown) => thrown);
    await client.query('ROLLBACK TO e');
    print(text, ERROR_FIELDS.map((name) => String(error[name]).replace(/pg_temp_\d+/, 'pg_temp')));
  }
}
