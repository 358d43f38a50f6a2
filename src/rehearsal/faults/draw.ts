import { createHash } from 'node:crypto';

/** What a seed decides about something with a name: 0 ≤ x < 1, the same whenever it is asked, whatever was asked before. */
export function draw(seed: number, ...name: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...name]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
