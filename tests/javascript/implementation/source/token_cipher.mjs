// Tokens at rest: `v1:<key id>:<fingerprint>:<nonce>:<ciphertext>:<tag>`, all but the first in hex.
// AES-256-GCM; everything before the nonce, and the agent's id, is authenticated with it.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Rejection } from './rejections.mjs';

const STORED =
  /^(v1:((?:[0-9a-f]{2})+):[0-9a-f]{64}):([0-9a-f]{24}):((?:[0-9a-f]{2})*):([0-9a-f]{32})$/;
const hex = (text) => Buffer.from(text).toString('hex');
const bytes = (text) => Buffer.from(text, 'hex');

export function encrypt(token, agent, { id, key }) {
  const header = `v1:${hex(id)}:${fingerprint(token, { key })}`;
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', bytes(key), nonce);
  cipher.setAAD(Buffer.from(`${header}:${agent}`));
  const ciphertext = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return [header, ...[nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString('hex'))].join(':');
}

export function decrypt(stored, agent, keys) {
  const [, header, keyId, nonce, ciphertext, tag] = STORED.exec(stored) ?? [];
  const found = keys.find(({ id }) => hex(id) === keyId);
  if (!found) throw new Rejection('token_unreadable', `no key for the token of ${agent}`);
  const decipher = createDecipheriv('aes-256-gcm', bytes(found.key), bytes(nonce));
  decipher.setAAD(Buffer.from(`${header}:${agent}`));
  decipher.setAuthTag(bytes(tag));
  try {
    return Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()]).toString('utf8');
  } catch {
    throw new Rejection('token_unreadable', `the token of ${agent} was changed, or is another's`);
  }
}

/** Equal for equal tokens under one key: it finds duplicates without decrypting any. */
export const fingerprint = (token, { key }) =>
  createHmac('sha256', bytes(key)).update(`fingerprint:${token}`).digest('hex');
