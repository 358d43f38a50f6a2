import type { Problem } from '../errors';
import { endsOf, type Facts, type Pair } from './facts';
import { quoteIdentifier } from '../identifier';

/** Requires the owner's rights, which creating a trigger (also on partitions) and setting a sequence need. */
export const ownerActsForTables = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table, as }) => {
    const asOwner = as.owner;
    const login = facts[side].logins.owner.server?.login;
    if (!asOwner || !login) return [];
    const ownership: Problem[] = asOwner.loginActsAsOwner
      ? []
      : [
          {
            check: 'owner-acts-for-tables',
            subject: `${side} table ${name}`,
            found: `login ${login} does not have the rights of its owner ${table.owner}`,
            remedy: `GRANT ${quoteIdentifier(table.owner)} TO ${quoteIdentifier(login)}, with INHERIT`,
          },
        ];
    const partitions = asOwner.partitionsOfOthers.map((partition) => ({
      check: 'owner-acts-for-tables',
      subject: `${side} table ${name}`,
      found: `login ${login} does not have the rights of the owner of its partition ${partition}`,
      remedy: `ALTER TABLE ${partition} OWNER TO ${quoteIdentifier(table.owner)}`,
    }));
    const sequences = asOwner.columns
      .filter((column) => !column.maySetSequence)
      .map((column) => ({
        check: 'owner-acts-for-tables',
        subject: `${side} table ${name}, column ${column.name}`,
        found: `login ${login} may not read and set sequence ${column.sequence}`,
        remedy: `GRANT SELECT, UPDATE ON SEQUENCE ${column.sequence} TO ${quoteIdentifier(login)}`,
      }));
    return [...ownership, ...partitions, ...(asOwner.loginActsAsOwner ? sequences : [])];
  });
