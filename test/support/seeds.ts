/**
 * The seeds of a test that repeats by seed.
 * @param byDefault one seed, `3`, or a range, `1-60`; SLUICE_SEEDS replaces it
 */
export function seedsOf(byDefault: string): number[] {
  const text = process.env['SLUICE_SEEDS'] ?? byDefault;
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined || Number(last) < Number(first))
    throw new Error(
      `SLUICE_SEEDS is ${JSON.stringify(text)}. Give one seed, such as 3, or a range, such as 1-60.`,
    );
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
}
