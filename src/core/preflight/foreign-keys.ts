import { traitsOf } from '../../contract/lifecycle';
import { otherSide, SIDES, type Side } from '../../contract/sides';
import type { ForeignKeyDescription, TableDescription } from '../catalog';
import type { Mapping } from '../definition/definition';
import type { Problem } from '../errors';
import { parseTableName, quoteIdentifier, quoteTable, type TableName } from '../identifier';
import { mappedColumns, renamedColumns } from '../layout';
import { endsOf, isOneDatabase, type Facts, type Pair, type TableEnd } from './facts';

/**
 * Checks the foreign keys that cross the border of the mapping, at both ends.
 *
 * Between two databases, none may: after the flip, the writers of the two tables would be in different databases. Within one
 * database, a mapped table may reference an unmapped one. The other direction is refused there too: Sluice writes with
 * session_replication_role = replica, so nothing checks or cascades to the referencing rows. So is a key between the two ends.
 */
export const foreignKeys = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap((end) => [
    ...end.table.foreignKeys.flatMap((key) => outgoingProblems(end, key, facts)),
    ...(end.side === 'target'
      ? end.table.foreignKeys.flatMap((key) => promiseProblems(pair, key, facts))
      : []),
    ...end.table.referencedBy.flatMap((key) => incomingProblems(end, key, facts)),
  ]);

/**
 * Foreign keys that are allowed and restrict what the application may do to the referenced table: the end that does not serve
 * still has rows that reference it.
 */
export const foreignKeyNotices = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap((end) =>
    end.side === 'target' && !traitsOf(facts.definition.shape).capturesChanges
      ? []
      : end.table.foreignKeys
          .filter(({ to }) => isOneDatabase(facts) && !SIDES.some((side) => isMappedAt(to, side, facts)))
          .map((key) => restrictionOf(end, key)),
  );

function restrictionOf(end: TableEnd, key: ForeignKeyDescription): Problem {
  const to = quoteTable(key.to);
  const found = `foreign key ${key.name} references ${to}, which is not mapped and stays writable`;
  return end.side === 'source'
    ? problemOf(
        end,
        `${found}: after the flip, rows there that the source still references cannot be deleted`,
        'Drop the foreign key once the migration is done, if the application deletes such rows',
      )
    : problemOf(
        end,
        `${found}: until the flip, a transaction that deletes a row there together with the source's rows that reference it is refused, because the target still has them`,
        'Create the foreign key after the flip, if the application deletes such rows',
      );
}

function outgoingProblems(end: TableEnd, key: ForeignKeyDescription, facts: Facts): Problem[] {
  const to = quoteTable(key.to);
  const references = `foreign key ${key.name} references ${to}`;
  if (isMappedAt(key.to, end.side, facts)) return [];
  if (isMappedAt(key.to, otherSide(end.side), facts) && isOneDatabase(facts))
    return [
      problemOf(
        end,
        `${references}, which is a table of the ${otherSide(end.side)}`,
        `Let it reference ${counterpart(key.to, end.side, facts)}, or drop the foreign key`,
      ),
    ];
  if (!isOneDatabase(facts)) return [crossing(end, `${references}, which is not mapped`)];
  return [...cascadeProblems(end, key, facts), ...parentProblems(end, key, facts)];
}

/** The guard of a dark target refuses what a cascade would do there, and with it the application's change of the parent. */
function cascadeProblems(end: TableEnd, key: ForeignKeyDescription, facts: Facts): Problem[] {
  if (end.side !== 'target' || !key.cascades || !traitsOf(facts.definition.shape).capturesChanges) return [];
  return [
    problemOf(
      end,
      `foreign key ${key.name} cascades from ${quoteTable(key.to)}, which is not mapped: until the flip, the application could not change the rows there that the target references`,
      `Map ${quoteTable(key.to)} too, or create the foreign key after the flip`,
    ),
  ];
}

/**
 * A foreign key that the target asserts, and the source has without asserting it, may be broken by existing rows. One with PERIOD
 * cannot be proven by comparing columns.
 */
function promiseProblems(
  { mapping, source, target }: Pair,
  key: ForeignKeyDescription,
  facts: Facts,
): Problem[] {
  if (!source || !target || !key.validated) return [];
  const same = source.table.foreignKeys.filter((candidate) =>
    isCounterpart(candidate, key, mapping, source.table, facts),
  );
  if (same.some(({ enforced }) => enforced)) return [];
  if (key.temporal)
    return [
      problemOf(
        target,
        `foreign key ${key.name} has a PERIOD, and the source does not enforce it: Sluice cannot prove it`,
        'Create it once the migration is done, or validate the same foreign key at the source',
      ),
    ];
  return same.map(({ name }) =>
    problemOf(
      target,
      `foreign key ${key.name} is validated, but the same foreign key ${name} of the source is not (NOT VALID, NOT ENFORCED, or its triggers are disabled): rows may have no parent`,
      `ALTER TABLE ${mapping.source} VALIDATE CONSTRAINT ${quoteIdentifier(name)} at the source, or create ${key.name} NOT VALID at the target`,
    ),
  );
}

/** Whether a foreign key of the source has the same columns and parent as one of the target, by their mappings. */
function isCounterpart(
  candidate: ForeignKeyDescription,
  key: ForeignKeyDescription,
  mapping: Mapping,
  child: TableDescription,
  facts: Facts,
): boolean {
  const parent = facts.definition.tables.find(({ target }) => isTable(key.to, target));
  const isParent = parent
    ? isTable(candidate.to, parent.source)
    : quoteTable(candidate.to) === quoteTable(key.to);
  const [own, referenced] = [mappedColumns(mapping, child), renamed(parent)];
  const pairs = candidate.columns.map((column, index) => {
    const to = candidate.referencedColumns[index]!;
    return JSON.stringify([own.get(column), referenced.get(to) ?? to]);
  });
  return (
    isParent &&
    pairs.length === key.columns.length &&
    key.columns.every((column, index) =>
      pairs.includes(JSON.stringify([column, key.referencedColumns[index]])),
    )
  );
}

const renamed = (mapping: Mapping | undefined): ReadonlyMap<string, string> =>
  mapping ? renamedColumns(mapping) : new Map();

/** The verifier proves that each row has its parent. */
function parentProblems(end: TableEnd, key: ForeignKeyDescription, facts: Facts): Problem[] {
  const { server } = facts[end.side].logins.verifier;
  const seen = end.as.verifier?.foreignKeys.find(({ name }) => name === key.name);
  if (end.side !== 'target' || !server || !seen || seen.mayReadParent) return [];
  const login = quoteIdentifier(server.login);
  return [
    problemOf(
      end,
      `verifier ${server.login} may not read ${quoteTable(key.to)}, which foreign key ${key.name} references`,
      `GRANT USAGE ON SCHEMA ${quoteIdentifier(key.to.schema)} TO ${login}; GRANT SELECT ON ${quoteTable(key.to)} TO ${login}`,
    ),
  ];
}

function incomingProblems(end: TableEnd, key: ForeignKeyDescription, facts: Facts): Problem[] {
  const from = quoteTable(key.from);
  const belongs = `foreign key ${key.name} belongs to ${from}, which is not mapped`;
  if (isMappedAt(key.from, end.side, facts)) return [];
  if (!isOneDatabase(facts)) return [crossing(end, belongs)];
  // Reported as an outgoing key of that table.
  if (isMappedAt(key.from, otherSide(end.side), facts)) return [];
  const remedy =
    end.side === 'source'
      ? `Map ${from} too, or move the constraint at the flip: drop it now, and let ${from} reference ${counterpart(end.table.table, 'target', facts)} once the migration is done`
      : `Map the table that becomes ${from} too, or move the constraint at the flip: drop it now, and add it once the migration is done`;
  return [problemOf(end, belongs, remedy)];
}

const problemOf = ({ side, name }: TableEnd, found: string, remedy: string): Problem => ({
  check: 'foreign-keys',
  subject: `${side} table ${name}`,
  found,
  remedy,
});

const crossing = (end: TableEnd, found: string): Problem =>
  problemOf(end, found, 'Map that table too, or drop the foreign key');

const isTable = (table: TableName, name: string): boolean => {
  const parsed = parseTableName(name);
  return parsed !== null && quoteTable(parsed) === quoteTable(table);
};

const isMappedAt = (table: TableName, side: Side, { definition }: Facts): boolean =>
  definition.tables.some((mapping) => isTable(table, mapping[side]));

/** The table at `side` of the mapping that has a table at the other side. */
const counterpart = (table: TableName, side: Side, { definition }: Facts): string =>
  definition.tables.find((mapping) => isTable(table, mapping[otherSide(side)]))![side];
