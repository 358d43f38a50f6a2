import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import type { Facts, Pair } from './facts';

/** Sluice knows its own triggers by their names: nobody else's have such. */
export const reservedNames = ({ source }: Pair, facts: Facts): Problem[] =>
  !traitsOf(facts.definition.shape).capturesChanges
    ? []
    : (source?.table.reservedTriggers ?? []).map((trigger) => ({
        check: 'reserved-names',
        subject: `source table ${source!.name}`,
        found: `trigger ${trigger} has a name of Sluice's and is not Sluice's`,
        remedy: `ALTER TRIGGER ${quoteIdentifier(trigger)} ON … RENAME TO …`,
      }));
