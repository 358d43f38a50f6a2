import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import type { Facts, Pair } from './facts';

/** Refuses other triggers with Sluice's names, because Sluice finds its own triggers by name. */
export const reservedNames = ({ source }: Pair, facts: Facts): Problem[] =>
  !traitsOf(facts.definition.shape).capturesChanges
    ? []
    : (source?.table.reservedTriggers ?? []).map((trigger) => ({
        check: 'reserved-names',
        subject: `source table ${source!.name}`,
        found: `trigger ${trigger} is not Sluice's, but has a name that Sluice reserves`,
        remedy: `ALTER TRIGGER ${quoteIdentifier(trigger)} ON … RENAME TO …`,
      }));
