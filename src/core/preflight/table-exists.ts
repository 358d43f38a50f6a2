import type { Problem } from '../errors';
import { SIDES } from '../../contract/sides';
import type { Facts, Pair } from './facts';

/** Requires that both tables of the mapping exist. */
export const tableExists = ({ mapping }: Pair, facts: Facts): Problem[] =>
  SIDES.flatMap((side) => {
    const seen = Object.values(facts[side].logins).filter(({ tables }) => tables.has(mapping[side]));
    if (seen.length === 0 || seen.some(({ tables }) => tables.get(mapping[side]))) return [];
    const fromFiles = side === 'target' && facts.schema;
    if (fromFiles && facts.schema?.outcome !== 'rehearsed') return [];
    return [
      {
        check: 'table-exists',
        subject: `${side} table ${mapping[side]}`,
        found: fromFiles
          ? 'the schema files do not create it'
          : `the table does not exist in database ${facts[side].endpoint.database}`,
        remedy: fromFiles
          ? 'Create it in a file of targetSchema, or correct its name'
          : 'Correct its name, or create it',
      },
    ];
  });
