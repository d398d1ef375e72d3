// Speaks the driver protocol of pytest-chopsticks for a program in JavaScript. No dependencies;
// Node.js 18 or newer. Types and documentation: chopsticks.d.mts.
//
//   import { serve, Rejected } from './chopsticks.mjs'; // first, before the program's own modules
//
//   serve({ 'wallets.credit': async ({ user_id, amount, reason }, { database }) => { … } });
//
// Importing it gives the protocol descriptors of its own; from then on standard output is standard
// error and standard input is empty, for this process, its worker threads and its children. Where
// the import cannot come first: `node --import ./chopsticks.mjs driver.mjs`.
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const PROTOCOL = 1;
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const REJECTED = -32000;
const LAST_WORDS_MS = 10_000;

/** The arguments that are integers: outside ±(2^53−1) they travel as decimal strings. */
export const INTEGER_ARGUMENTS = Object.freeze([
  'amount', 'at_ms', 'count', 'duration_ms', 'expected_rev', 'id', 'now_ms', 'quantity',
]);

export class Rejected extends Error {
  constructor(rejection, message = rejection) {
    super(message);
    this.name = 'Rejected';
    this.rejection = rejection;
  }
}

class ProtocolError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// Kept on globalThis: a copy of this file and a preloaded original must share the descriptors.
const STREAMS = Symbol.for('pytest-chopsticks.protocol-streams');
if (isMainThread) {
  globalThis[STREAMS] ??= { input: takeStandardInput(), output: takeStandardOutput() };
}

export function serve(operations, options = {}) {
  const session = new Session(operations, options);
  process.on('uncaughtException', (error) => {
    console.error(error);
    session.abandon();
    for (const id of [...underWay.keys()]) answer(id, faultOf(error));
  });
  let rest = Buffer.alloc(0);
  const input = requests();
  input.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) {
      receive(session, rest.subarray(0, end).toString());
    }
  });
  input.on('end', () => {
    setTimeout(() => process.exit(1), LAST_WORDS_MS).unref();
    session.end().finally(() => process.exit(0));
  });
}

class Session {
  #operations = null;
  #given;
  #options;
  #context = null;
  #ready = Promise.resolve();
  #last = Promise.resolve();

  constructor(given, options) {
    this.#given = given;
    this.#options = options;
  }

  async call(method, params) {
    if (method === 'initialize') return (this.#ready = this.#queued(() => this.#initialize(params)));
    if (method === 'shutdown') return this.end();
    if (!this.#options.concurrent) return this.#queued(() => this.#run(method, params));
    await this.#ready;
    return this.#run(method, params);
  }

  /** What is under way may never end: let nothing wait for it. */
  abandon() {
    this.#last = Promise.resolve();
  }

  async end() {
    await Promise.allSettled([this.#last, ...underWay.values()]);
    await this.#options.close?.(this.#context);
    this.#context = null;
    return null;
  }

  #queued(run) {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  #run(method, params) {
    const operations = this.#operations ?? {};
    if (!Object.hasOwn(operations, method) || typeof operations[method] !== 'function') {
      const why = this.#operations ? 'is not an operation of this driver' : 'came before initialize';
      throw new ProtocolError(METHOD_NOT_FOUND, `${method} ${why}`);
    }
    return operations[method](exact(params), this.#context);
  }

  async #initialize({ protocol, database, token_keys: tokenKeys = [], ...more }) {
    if (protocol !== PROTOCOL) {
      throw new ProtocolError(
        INVALID_PARAMS,
        `protocol ${protocol} is asked for, and this helper speaks ${PROTOCOL}: update ` +
          'pytest-chopsticks, or the copy of chopsticks.mjs',
      );
    }
    if (this.#context) await this.#options.close?.(this.#context);
    this.#context = { database, tokenKeys, ...more };
    const given = this.#given;
    this.#operations = typeof given === 'function' ? await given(this.#context) : given;
    return description(this.#options, Object.keys(this.#operations));
  }
}

const underWay = new Map();

function receive(session, line) {
  if (!line.trim()) return;
  let request;
  try {
    request = JSON.parse(line);
  } catch (error) {
    write({ id: null, error: { code: PARSE_ERROR, message: error.message } });
    return;
  }
  const { id, method, params = {} } = request ?? {};
  if (typeof method !== 'string') {
    write({ id: id ?? null, error: { code: INVALID_REQUEST, message: 'no method' } });
    return;
  }
  const handled = handle(session, id, method, params);
  // Shutdown waits for what is under way, so it must not wait for itself.
  if (method !== 'shutdown') underWay.set(id, handled);
}

async function handle(session, id, method, params) {
  await null; // So that the request is under way before anything of it runs.
  try {
    const result = await session.call(method, params);
    if (method === 'shutdown') underWay.set(id, null);
    answer(id, { result: result ?? null });
    if (method === 'shutdown') process.exit(0);
  } catch (error) {
    answer(id, errorOf(error));
  }
}

/** Answer a request, once: what comes later is about a request already answered by a fault. */
function answer(id, body) {
  if (!underWay.delete(id) || id === undefined) return;
  try {
    write({ id, ...body });
  } catch (error) {
    if (error.syscall) throw error;
    write({ id, ...faultOf(error) }); // The result is no JSON, for example it contains itself.
  }
}

function errorOf(error) {
  if (error instanceof ProtocolError) return { error: { code: error.code, message: error.message } };
  if (typeof error?.rejection === 'string') {
    return { error: { code: REJECTED, message: messageOf(error), data: { rejection: error.rejection } } };
  }
  const sqlstate = sqlstateOf(error);
  if (/^2[23]/.test(sqlstate ?? '')) {
    return { error: { code: REJECTED, message: messageOf(error), data: { sqlstate } } };
  }
  console.error(error);
  return faultOf(error);
}

function faultOf(error) {
  const data = { type: error?.name ?? typeof error, sqlstate: sqlstateOf(error) };
  return { error: { code: INTERNAL_ERROR, message: messageOf(error), data } };
}

const messageOf = (error) => String(error?.message ?? error);

/** The SQLSTATE of an error of `pg`, also where an ORM has wrapped it. */
function sqlstateOf(error) {
  for (let depth = 0; error && depth < 5; depth += 1) {
    if (/^[0-9A-Z]{5}$/.test(error.code) && error.severity !== undefined) return error.code;
    error = error.cause ?? error.original ?? error.driverError;
  }
  return undefined;
}

function exact(params) {
  const found = { ...params };
  for (const name of INTEGER_ARGUMENTS) {
    const value = found[name];
    if (typeof value === 'string' && /^-?\d+$/.test(value)) found[name] = BigInt(value);
  }
  return found;
}

function description(options, operations) {
  const own = ownPackage();
  return {
    name: options.name ?? own.name ?? 'unnamed',
    version: options.version ?? own.version ?? null,
    language: 'javascript',
    homepage: options.homepage ?? null,
    issues: options.issues ?? null,
    operations,
    concurrent: options.concurrent ?? false,
    clock: options.clock ?? 'wall',
  };
}

function ownPackage() {
  try {
    return JSON.parse(readFileSync('package.json', 'utf8'));
  } catch {
    return {};
  }
}

function write(message) {
  const line = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', ...message }, integers)}\n`);
  for (let done = 0; done < line.length; ) {
    try {
      done += writeSync(globalThis[STREAMS].output, line, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // The pipe is full.
    }
  }
}

function integers(_key, value) {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function requests() {
  const { input } = globalThis[STREAMS];
  if (input === 0) return process.stdin;
  const isPipe = fstatSync(input).isFIFO();
  return isPipe ? new Socket({ fd: input, writable: false }) : createReadStream('', { fd: input });
}

/** A new descriptor for what descriptor 0 was: a child that inherits that must not read requests. */
function takeStandardInput() {
  try {
    const stream = openSync('/dev/fd/0', constants.O_RDONLY);
    closeSync(0);
    openSync('/dev/null', constants.O_RDONLY); // The lowest free number: 0.
    return stream;
  } catch {
    return 0; // A socket, or another user's pipe, cannot be opened again.
  }
}

/** A new descriptor for what descriptor 1 was, which from now on is standard error. */
function takeStandardOutput() {
  const flags = constants.O_WRONLY | constants.O_APPEND;
  try {
    const stream = openSync('/dev/fd/1', flags);
    closeSync(openSync('/dev/fd/2', flags)); // It must work before descriptor 1 is given up.
    closeSync(1);
    openSync('/dev/fd/2', flags); // The lowest free number: 1.
    return stream;
  } catch {
    // Then at least this process's own writes are led away, if not those of its children.
    Object.defineProperty(process, 'stdout', { value: process.stderr, configurable: true });
    globalThis.console = new console.Console(process.stderr, process.stderr);
    return 1;
  }
}
