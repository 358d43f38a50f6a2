import { createHash } from 'node:crypto';

/** Returns a pseudorandom 0 ≤ x < 1 that depends only on the seed and the name, and not on earlier calls. */
export function seededFraction(seed: number, ...name: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...name]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
