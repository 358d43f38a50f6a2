import type { Problem } from '../errors';
import { parseTableName } from '../identifier';
import type { Facts, Pair } from './facts';

/** Refuses a mapping of a table to itself. */
export const distinctTables = ({ mapping }: Pair, facts: Facts): Problem[] => {
  const [source, target] = [parseTableName(mapping.source), parseTableName(mapping.target)];
  const [here, there] = [facts.source.endpoint, facts.target.endpoint];
  const same =
    here.clusterArn === there.clusterArn &&
    here.database === there.database &&
    source?.schema === target?.schema &&
    source?.name === target?.name;
  if (!same) return [];
  return [
    {
      check: 'distinct-tables',
      subject: `table ${mapping.source}`,
      found: 'source and target are the same table of the same database',
      remedy: 'Map it to another table, schema, database or cluster',
    },
  ];
};
