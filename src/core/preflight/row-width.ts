import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

/** The Data API takes no longer statement; conditions that a value adds are at most a few hundred characters. */
const CHARACTERS_MAX = 65_536;

/** Every statement on the table fits into one call. */
export const rowWidth = ({ mapping, source }: Pair, facts: Facts): Problem[] => {
  const longest = facts.statements.get(mapping.target);
  if (!source || !longest || longest.characters <= CHARACTERS_MAX) return [];
  return [
    {
      check: 'row-width',
      subject: `source table ${source.name}`,
      found: `it has ${source.table.columns.length} columns: the statement that ${longest.does} has ${longest.characters} characters, and the Data API takes ${CHARACTERS_MAX}`,
      remedy: 'leave columns behind with omit, shorten names or expressions, or divide the table',
    },
  ];
};
