import { createHash } from 'node:crypto';
import type { Key } from './ports';

/** The only form in which a key leaves the databases: a salted SHA-256 of its text, in hexadecimal. */
export const hashKey = (salt: string, key: Key): string =>
  createHash('sha256').update(salt).update(key).digest('hex');
