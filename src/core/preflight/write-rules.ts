import { traitsOf } from '../../contract/lifecycle';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import type { Facts, Pair } from './facts';

/**
 * Refuses rules on INSERT or UPDATE where appliers write: PostgreSQL refuses ON CONFLICT on a table that has one, whether it
 * fires or not.
 */
export const writeRules = ({ target }: Pair, { definition }: Facts): Problem[] =>
  traitsOf(definition.shape).capturesChanges
    ? (target?.table.writeRules ?? []).map((rule) => ({
        check: 'write-rules',
        subject: `target table ${target!.name}`,
        found: `it has rule ${rule} on INSERT or UPDATE, so PostgreSQL refuses the ON CONFLICT of Sluice's writes`,
        remedy: `DROP RULE ${quoteIdentifier(rule)}, and create it again once the migration is done; or use a trigger instead`,
      }))
    : [];
