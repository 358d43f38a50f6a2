import { createHash } from 'node:crypto';
import type { Key } from './ports';

/** The name under which a key may leave the databases: a salted SHA-256 of its text, hexadecimal. */
export const hashKey = (salt: string, key: Key): string =>
  createHash('sha256').update(salt).update(key).digest('hex');
