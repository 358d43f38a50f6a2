import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { constraintsBesideKey } from './deferrable-constraints';
import type { Facts, Pair } from './facts';

/**
 * Appliers write row by row what the source wrote together: rows that swap what a unique index keeps apart are parked on
 * values that no row has. An exclusion constraint has no such values.
 */
export const exclusionConstraints = (pair: Pair, facts: Facts): Problem[] =>
  !traitsOf(facts.definition.shape).capturesChanges
    ? []
    : constraintsBesideKey(pair)
        .filter(({ exclusion, deferrable }) => exclusion && !deferrable)
        .map(({ name }) => ({
          check: 'exclusion-constraints',
          subject: `target table ${pair.target!.name}`,
          found: `exclusion constraint ${name} may keep rows apart that pass each other while changes are applied`,
          remedy: 'drop it in the target and add it after the migration (the source enforces it meanwhile)',
        }));
