export class Rejection extends Error {
  constructor(rejection, message = rejection) {
    super(message);
    this.rejection = rejection;
  }
}

/** Wait for `work`, and give errors of the database by SQLSTATE (or constraint) these names. */
export async function named(names, work) {
  try {
    return await work;
  } catch (error) {
    const name = names[error.constraint] ?? names[error.code];
    throw name ? new Rejection(name, error.message) : error;
  }
}

/** A positive integer up to `largest`, as a bigint. */
export function positive(value, largest, rejection) {
  const integer = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!integer || value <= 0 || BigInt(value) > largest) throw new Rejection(rejection);
  return BigInt(value);
}
