import type { SequenceDescription } from '../catalog';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { owningOf, schemasAfter, type FreePair } from '../sequences';
import { isOneDatabase, pairsOf, type Facts } from './facts';
import { drawingTables, freePairsOf, isMoved, sequencesOf } from './sequence-facts';
import { exhausted } from './sequence-headroom';

const NAMED_MAX = 20;

/** Refuses sequences that no mapped column draws from, and that the cutover could not move. */
export const freeSequences = (facts: Facts): Problem[] =>
  freePairsOf(facts)
    .filter((pair) => isMoved(pair, facts))
    .flatMap(({ from, to }) => [
      ...exhausted(from, to),
      ...notSettable(facts, 'source', from),
      ...notSettable(facts, 'target', to),
    ]);

/** Names every sequence in the schemas of the source's tables: left at the source, moved, or shared. */
export function freeSequenceNotices(facts: Facts): Problem[] {
  const tables = drawingTables(facts);
  const drawn = new Set(
    tables.flatMap((table) =>
      table.drawn.flatMap(({ from, to }) => (isOneDatabase(facts) ? [from, to] : [from])),
    ),
  );
  const paired = freePairsOf(facts);
  const moved = paired.filter((pair) => isMoved(pair, facts));
  const schemas = new Set(tables.map(({ from }) => from.table.schema));
  const others = facts.source.sequences.filter(
    ({ schema, sequence }) =>
      schemas.has(schema) && !drawn.has(sequence) && !paired.some(({ from }) => from.sequence === sequence),
  );
  const owners = tables.map(({ from }) => from);
  const owning = (sequence: SequenceDescription) => owningOf(sequence, owners);
  return [
    ...others.filter((sequence) => owning(sequence) === 'free').map((sequence) => leftOut(sequence, facts)),
    ...moved.map(movedByName),
    ...listed(
      others.filter((sequence) => owning(sequence) === 'another').map(({ sequence }) => sequence),
      'a column owns each, but draws from another sequence: they are left',
      'Drop them if nothing else draws from them',
    ),
    ...listed(
      others.filter((sequence) => owning(sequence) === 'not mapped').map(({ sequence }) => sequence),
      'they belong to tables that the migration does not move, and are left',
      'If a trigger, a function or the application draws keys of a mapped table from one, set it in the target before the flip',
    ),
    ...listed(
      paired.filter((pair) => !moved.includes(pair)).map(({ from }) => from.sequence),
      'both ends use them: they continue as they are',
      'Keep them when you drop the source tables',
    ),
    ...listed(
      movedByColumns(facts),
      'they move with their columns',
      'The cutover sets them; nothing is to be done',
    ),
  ];
}

const movedByColumns = (facts: Facts): string[] =>
  pairsOf(facts).flatMap((pair) =>
    sequencesOf(pair).flatMap(({ column, from, to }) =>
      from === null || to === null || (from === to && isOneDatabase(facts))
        ? []
        : [`${from} → ${to} (${pair.mapping.target}, column ${column.to.name})`],
    ),
  );

function leftOut(sequence: SequenceDescription, facts: Facts): Problem {
  const candidates = schemasAfter(drawingTables(facts), sequence.schema).map(
    (schema) => `${quoteIdentifier(schema)}.${quoteIdentifier(sequence.name)}`,
  );
  const position = sequence.position === null ? '' : ` at position ${sequence.position}`;
  return {
    check: 'sequences',
    subject: `source sequence ${sequence.sequence}`,
    found: `it is left${position}: no column of both ends draws from it, and the target has no free sequence ${candidates.join(' or ')}`,
    remedy:
      'Create that sequence in the target before the migration, which then moves it; or set another one there after the fence: SELECT setval(…)',
  };
}

const movedByName = ({ from, to }: FreePair): Problem => ({
  check: 'sequences',
  subject: `source sequence ${from.sequence}`,
  found: `no column of both ends draws from it: the cutover moves target sequence ${to.sequence} beyond its position, because the names are equal`,
  remedy: 'Rename the sequence in the target if it is to count on its own',
});

function listed(names: readonly string[], found: string, remedy: string): Problem[] {
  if (names.length === 0) return [];
  const rest = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return [
    {
      check: 'sequences',
      subject: `sequences ${names.slice(0, NAMED_MAX).join(', ')}${rest}`,
      found,
      remedy,
    },
  ];
}

function notSettable(facts: Facts, side: 'source' | 'target', sequence: SequenceDescription): Problem[] {
  const login = facts[side].logins.owner.server?.login;
  if (sequence.maySet || !login) return [];
  return [
    {
      check: 'sequences',
      subject: `${side} sequence ${sequence.sequence}`,
      found: `login ${login} may not read and set it, and the cutover moves it, because both ends have one of this name`,
      remedy: `GRANT SELECT, UPDATE ON SEQUENCE ${sequence.sequence} TO ${quoteIdentifier(login)}`,
    },
  ];
}
