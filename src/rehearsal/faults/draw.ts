import { createHash } from 'node:crypto';

/** Draws a number 0 ≤ x < 1 from a seed and a name, independent of earlier draws. */
export function draw(seed: number, ...name: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...name]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
