// The `up` of a migration with one more statement in it, for an edited copy of the
// migration, which requires this file from where it lies.
//
// plan: { call, text, statement, throws }
//   call       the number of the call of client.query or client.execute to interrupt, from 1
//   text       what is sent instead in that call, `statement` in its midst; null: as written
//   statement  what is sent after it otherwise, and at the end of `up` where no call had that number
//   throws     whether an error is thrown after that call, instead of a statement being sent

const METHODS = ['query', 'execute'];

exports.interrupted = (migration, plan) => async (client, ...rest) => {
  const state = { calls: 0, done: false, failure: null };
  await migration.up(interrupting(client, plan, state), ...rest);
  if (!state.done) await interrupt(client, plan, state);
  // A migration may have caught it.
  if (state.failure) throw state.failure;
};

const interrupting = (client, plan, state) =>
  new Proxy(client, {
    get(target, key) {
      const value = target[key];
      if (typeof value !== 'function') return value;
      return METHODS.includes(key) ? counted(target, value, plan, state) : value.bind(target);
    },
  });

const counted = (client, method, plan, state) => (...given) => {
  if (state.failure) return Promise.reject(state.failure);
  state.calls += 1;
  if (state.calls !== plan.call) return method.apply(client, given);
  state.done = true;
  const callback = typeof given.at(-1) === 'function' ? given.pop() : null;
  const result = around(client, method, given, plan, state);
  if (callback === null) return result;
  result.then((found) => callback(null, found), (error) => callback(error));
  return undefined;
};

const around = async (client, method, given, plan, state) => {
  if (plan.text !== null) return remembering(state, () => method.call(client, plan.text));
  const result = await method.apply(client, given);
  await interrupt(client, plan, state);
  return result;
};

const interrupt = (client, plan, state) =>
  remembering(state, () => {
    if (plan.throws) throw new Error('chopsticks_injected_failure');
    return (client.query ?? client.execute).call(client, plan.statement);
  });

const remembering = async (state, act) => {
  try {
    return await act();
  } catch (error) {
    state.failure = error;
    throw error;
  }
};
