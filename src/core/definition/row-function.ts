/**
 * A TypeScript function over one source row. The row alone decides what it answers: each row is evaluated twice, and
 * clocks and randomness are out of reach meanwhile. Not for keys.
 */
export interface RowFunction {
  /** Source columns that it is given. */
  readonly reads: readonly string[];
  /** Target columns that it gives, and nothing else does. */
  readonly writes: readonly string[];
  /**
   * Values are the texts that the source writes and the target reads (`t` for true, `2026-11-22 10:00:00+00`, `{a,b}`),
   * null for NULL. Synchronous.
   */
  apply(this: void, row: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>>;
}

/**
 * A row function whose columns TypeScript checks: `apply` is given just `reads`, and gives just `writes`.
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
