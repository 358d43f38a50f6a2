/**
 * A TypeScript function over one source row, whose result may depend only on the row. Sluice calls it twice for each row and
 * refuses different results; clocks and random numbers throw. It cannot compute keys.
 */
export interface RowFunction {
  /** Source columns that it reads. */
  readonly reads: readonly string[];
  /** Target columns that it computes; the mapping may not compute them in another way. */
  readonly writes: readonly string[];
  /**
   * Computes the columns of `writes`, synchronously. Values are texts as PostgreSQL writes and reads them (`t` for true,
   * `2026-11-22 10:00:00+00`, `{a,b}`), and null for NULL.
   */
  apply(this: void, row: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>>;
}

/**
 * Types a row function, so that TypeScript checks that `apply` takes `reads` and returns `writes`.
 *
 * ```ts
 * rowFunction: defineRowFunction({
 *   reads: ['phone', 'country'],
 *   writes: ['phone'],
 *   apply: ({ phone, country }) => ({ phone: phone === null ? null : internationalNumber(phone, country) }),
 * })
 * ```
 */
export const defineRowFunction = <const Reads extends string, const Writes extends string>(rowFunction: {
  readonly reads: readonly Reads[];
  readonly writes: readonly Writes[];
  apply(this: void, row: Readonly<Record<Reads, string | null>>): Readonly<Record<Writes, string | null>>;
}): RowFunction => rowFunction;
