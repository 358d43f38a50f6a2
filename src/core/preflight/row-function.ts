import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

/** Requires that the row function returns the same result for each sampled row, in any order. */
export function rowFunction({ mapping }: Pair, facts: Facts): Problem[] {
  const why = facts.projections.get(mapping.target)?.rowFunction ?? null;
  if (why === null) return [];
  return [
    {
      check: 'row-function',
      subject: `target table ${mapping.target}, rowFunction`,
      found: why,
      remedy: 'Fix the function, and deploy again',
    },
  ];
}
