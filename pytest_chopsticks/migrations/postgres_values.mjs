// Values between JavaScript and PostgreSQL's text format, by the conventions of npm's `pg`:
// BIGINT and NUMERIC stay strings, dates become Date, JSON is parsed, BYTEA becomes Buffer.

const text = (value) => value;
const BASIC = {
  16: (value) => value === 't',
  17: parseBytes,
  20: text,
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  600: parsePoint,
  700: parseFloat,
  701: parseFloat,
  1082: parseDate,
  1114: parseDate,
  1184: parseDate,
  1186: parseInterval,
  3802: JSON.parse,
};
// Array types by the type of their elements; pg knows these and leaves other arrays as text.
const ARRAYS = {
  16: [1000], 17: [1001], 20: [1016], 21: [1005], 23: [1007], 26: [1028], 114: [199], 600: [1017],
  700: [1021], 701: [1022, 1231], 1082: [1182], 1114: [1115], 1184: [1185], 1186: [1187], 3802: [3807],
  25: [651, 791, 1008, 1009, 1014, 1015, 1040, 1041, 1183, 1270, 2951, 3907],
};
const PARSERS = new Map(Object.entries(BASIC).map(([oid, parser]) => [Number(oid), parser]));
for (const [element, oids] of Object.entries(ARRAYS)) {
  for (const oid of oids) {
    PARSERS.set(oid, (value) => parseArray(value, BASIC[element] ?? text));
  }
}

/** The function that reads a value of this type, by the type's object id. */
export const parserOf = (oid) => PARSERS.get(oid) ?? text;

/** A parameter as text, as null, or as `{ base64 }` for bytes. */
export function encodeParameter(value) {
  if (value === null || value === undefined) return null;
  if (ArrayBuffer.isView(value)) {
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  if (value instanceof Date) return formatDate(value);
  if (Array.isArray(value)) return formatArray(value);
  if (typeof value !== 'object') return String(value);
  if (typeof value.toPostgres === 'function') return encodeParameter(value.toPostgres(encodeParameter));
  return JSON.stringify(value);
}

function formatArray(values) {
  return `{${values.map(formatElement).join(',')}}`;
}

function formatElement(value) {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return formatArray(value);
  if (ArrayBuffer.isView(value)) return `"\\\\x${Buffer.from(value).toString('hex')}"`;
  return `"${encodeParameter(value).replace(/["\\]/g, '\\$&')}"`;
}

function formatDate(date) {
  const pad = (number, length = 2) => String(number).padStart(length, '0');
  const offset = -date.getTimezoneOffset();
  const year = date.getFullYear();
  const [shown, era] = year < 1 ? [1 - year, ' BC'] : [year, ''];
  return (
    `${pad(shown, 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:` +
    `${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}` +
    `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}${era}`
  );
}

const DATE =
  /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(\.\d+)?)?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?$/;

/** A Date: without a zone, in the local one, as pg does; Infinity for `infinity`. */
function parseDate(value) {
  if (/^-?infinity$/.test(value)) return Number(value.replace('i', 'I'));
  const match = DATE.exec(value);
  if (!match) return null;
  const [, years, month, day, hour, minute, second, fraction, sign, ...zone] = match;
  const year = match[12] ? 1 - Number(years) : Number(years);
  const parts = [hour, minute, second].map((part) => Number(part ?? 0));
  const milliseconds = Math.trunc(Number(fraction ?? 0) * 1000);
  const date = new Date(0);
  if (!sign) {
    date.setFullYear(year, Number(month) - 1, Number(day));
    date.setHours(...parts, milliseconds);
    return date;
  }
  date.setUTCFullYear(year, Number(month) - 1, Number(day));
  date.setUTCHours(...parts, milliseconds);
  const [hours, minutes, seconds] = zone.slice(0, 3).map((part) => Number(part ?? 0));
  const offset = (hours * 3600 + minutes * 60 + seconds) * (sign === '-' ? -1 : 1);
  return new Date(date.getTime() - offset * 1000);
}

function parseBytes(value) {
  if (value.startsWith('\\x')) return Buffer.from(value.slice(2), 'hex');
  const octal = value.replace(/\\(\d{3}|\\)/g, (_, code) =>
    code === '\\' ? '\\' : String.fromCharCode(parseInt(code, 8)),
  );
  return Buffer.from(octal, 'latin1');
}

function parsePoint(value) {
  const [x, y] = value.slice(1, -1).split(',').map(Number);
  return { x, y };
}

const INTERVAL =
  /^(?:(-?\d+) years? ?)?(?:(-?\d+) mons? ?)?(?:(-?\d+) days? ?)?(?:(-?)(\d+):(\d\d):(\d\d)(\.\d+)?)?$/;

function parseInterval(value) {
  const match = INTERVAL.exec(value.replace(/\+/g, ''));
  if (!match) return value;
  const [, years, months, days, sign, hours, minutes, seconds, fraction] = match;
  const signed = (part) => Number(part ?? 0) * (sign ? -1 : 1);
  const parts = {
    years: Number(years ?? 0),
    months: Number(months ?? 0),
    days: Number(days ?? 0),
    hours: signed(hours),
    minutes: signed(minutes),
    seconds: signed(seconds),
    milliseconds: signed(fraction) * 1000,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== 0));
}

const ARRAY_TOKEN = /"((?:[^"\\]|\\.)*)"|([{},])|([^{},"]+)/gsy;

/** PostgreSQL's array literal, with or without bounds before it. */
function parseArray(value, parse) {
  const literal = value.slice(value.indexOf('{'));
  const nested = [[]];
  for (const [, quoted, sign, bare] of literal.matchAll(ARRAY_TOKEN)) {
    const innermost = nested[nested.length - 1];
    if (quoted !== undefined) innermost.push(parse(quoted.replace(/\\(.)/gs, '$1')));
    else if (bare !== undefined) innermost.push(bare === 'NULL' ? null : parse(bare));
    else if (sign === '{') innermost.push(nested[nested.push([]) - 1]);
    else if (sign === '}') nested.pop();
  }
  return nested[0][0];
}
