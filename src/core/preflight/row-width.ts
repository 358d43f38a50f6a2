import type { Problem } from '../errors';
import type { Facts, Pair } from './facts';

/** The longest statement that the Data API accepts. Conditions that depend on values add a few hundred characters at most. */
const CHARACTERS_MAX = 65_536;

/** Requires that every statement on the table fits into one call. */
export const rowWidth = ({ mapping, source }: Pair, facts: Facts): Problem[] => {
  const longest = facts.statements.get(mapping.target);
  if (!source || !longest || longest.characters <= CHARACTERS_MAX) return [];
  return [
    {
      check: 'row-width',
      subject: `source table ${source.name}`,
      found: `the table has ${source.table.columns.length} columns: the statement that ${longest.does} has ${longest.characters} characters, but the Data API accepts ${CHARACTERS_MAX}`,
      remedy: 'Omit columns, shorten names or expressions, or split the table',
    },
  ];
};
