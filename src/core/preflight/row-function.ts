import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

/** The row function answers for the rows at hand, whatever their order, twice the same. */
export function rowFunction({ mapping }: Pair, facts: Facts): Problem[] {
  const why = facts.projections.get(mapping.target)?.rowFunction ?? null;
  if (why === null) return [];
  return [
    {
      check: 'row-function',
      subject: `target table ${mapping.target}, rowFunction`,
      found: why,
      remedy: 'mend the function, and deploy it',
    },
  ];
}
