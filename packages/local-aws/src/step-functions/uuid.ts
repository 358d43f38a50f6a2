import { randomUUID } from 'node:crypto';

/** Creates a generator of version 4 UUIDs from `random` (0 ≤ x < 1), so that a seed repeats the same names. */
export function createUuidGenerator(random: (() => number) | undefined): () => string {
  if (!random) return randomUUID;
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = (): string => (8 + Math.floor(random() * 4)).toString(16);
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-${variant()}${hex(3)}-${hex(12)}`;
}
