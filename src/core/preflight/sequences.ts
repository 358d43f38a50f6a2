import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { isOneDatabase, type Facts, type Pair } from './facts';
import { freePairsOf, sequencesOf } from './sequence-facts';
import { beyondColumn, exhausted } from './sequence-headroom';

/**
 * Refuses a target sequence that would generate existing keys, because no source sequence sets it, and one that would have no
 * value left after the cutover, because it or its column ends before the source's position.
 */
export const sequences = (pair: Pair, facts: Facts): Problem[] => [
  ...sequencesOf(pair).flatMap(({ from, to, column }) =>
    to === null || from !== null || freePairsOf(facts).some((free) => free.to.sequence === to)
      ? []
      : [
          {
            check: 'sequences',
            subject: `target table ${pair.mapping.target}, column ${column.to.name}`,
            found: `its default uses sequence ${to}, but source column ${column.from} uses none: the sequence would start below existing keys`,
            remedy: 'Add the default or identity after the migration, with a start above the greatest value',
          },
        ],
  ),
  ...sequencesOf(pair).flatMap(({ from, to, column }) => {
    const source = facts.source.sequences.find(({ sequence }) => sequence === from);
    const target = facts.target.sequences.find(({ sequence }) => sequence === to);
    if (!source || !target || (from === to && isOneDatabase(facts))) return [];
    const subject = `target table ${pair.mapping.target}, column ${column.to.name}`;
    return [...exhausted(source, target), ...beyondColumn(pair, subject, source, target, column.to)];
  }),
];

/** Sequences of one database that both ends use. They continue as they are. */
export const sequenceNotices = (pair: Pair, facts: Facts): Problem[] =>
  sequencesOf(pair).flatMap(({ from, to, column }) =>
    from === null || from !== to || !isOneDatabase(facts)
      ? []
      : [
          {
            check: 'sequences',
            subject: `target table ${pair.mapping.target}, column ${column.to.name}`,
            found: `its default uses sequence ${to}, and so does source column ${column.from}: the migration does not advance it, and it would be dropped with the source table if that owns it`,
            remedy: `Before you drop the source table: ALTER SEQUENCE ${to} OWNED BY ${pair.mapping.target}.${quoteIdentifier(column.to.name)}`,
          },
        ],
  );
