// The client that a migration is given: `query` as in npm's `pg`, over a stream of messages.
import { encodeParameter, parserOf } from './postgres_values.mjs';

/** What `pg` throws for an error of the server: SQLSTATE in `code`, `constraint`, `table`, … */
export class DatabaseError extends Error {
  get name() {
    return 'error';
  }
}

export class MigrationClient {
  #send;
  #waiting = new Map();
  #last = 0;

  constructor(send) {
    this.#send = send;
    this.execute = this.query;
  }

  /** query(text, values?, callback?) or query({ text, values, rowMode }, values?, callback?) */
  query(config, values, callback) {
    if (typeof values === 'function') return this.query(config, undefined, values);
    const { text, values: own, rowMode } = typeof config === 'string' ? { text: config } : config ?? {};
    if (typeof text !== 'string') throw new TypeError('Client was passed a null or undefined query');
    // Made here, so that its stack leads to the line of the migration.
    const error = new DatabaseError();
    const parameters = (values ?? own ?? []).map(encodeParameter);
    const result = new Promise((resolve, reject) => {
      this.#last += 1;
      this.#waiting.set(this.#last, { resolve, reject, error, rowMode });
      this.#send({ query: this.#last, text, parameters });
    });
    if (typeof callback !== 'function') return result;
    result.then((found) => callback(null, found), (thrown) => callback(thrown));
    return undefined;
  }

  receive({ id, results, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) {
      waiting.reject(completed(waiting.error, error));
      return;
    }
    const read = results.map((result) => readResult(result, waiting.rowMode));
    waiting.resolve(read.length === 1 ? read[0] : read);
  }
}

function completed(error, { message, ...fields }) {
  error.message = message;
  error.stack = error.stack.replace(/^.*/, `error: ${message}`);
  return Object.assign(error, fields);
}

function readResult({ tag, fields, rows }, rowMode) {
  // As pg reads the tag: `INSERT 0 5`, `UPDATE 5`, `CREATE TABLE`.
  const [, command = null, first, second] = /^([A-Za-z]+)(?: (\d+))?(?: (\d+))?/.exec(tag) ?? [];
  const count = second ?? first;
  const parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
  const parse = (row) => row.map((value, i) => (value === null ? null : parsers[i](value)));
  const named = (row) => Object.fromEntries(row.map((value, i) => [fields[i].name, value]));
  return {
    command,
    rowCount: count === undefined ? null : Number(count),
    oid: second === undefined ? null : Number(first),
    fields: fields.map((field) => ({ ...field, format: 'text' })),
    rows: rows.map(parse).map((row) => (rowMode === 'array' ? row : named(row))),
  };
}
