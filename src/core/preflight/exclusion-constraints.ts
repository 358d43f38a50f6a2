import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { constraintsExceptKey } from './deferrable-constraints';
import type { Facts, Pair } from './facts';

/**
 * Refuses exclusion constraints in the target. An applier writes row by row, so rows that swap values conflict for a moment.
 * For a unique index it parks one of them on an unused value; an exclusion constraint has no such values.
 */
export const exclusionConstraints = (pair: Pair, facts: Facts): Problem[] =>
  !traitsOf(facts.definition.shape).capturesChanges
    ? []
    : constraintsExceptKey(pair)
        .filter(({ exclusion, deferrable }) => exclusion && !deferrable)
        .map(({ name }) => ({
          check: 'exclusion-constraints',
          subject: `target table ${pair.target!.name}`,
          found: `exclusion constraint ${name} may refuse rows that conflict only while changes are being applied`,
          remedy: 'Drop it in the target and add it after the migration (the source enforces it until then)',
        }));
