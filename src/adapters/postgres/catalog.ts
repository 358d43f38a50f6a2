import type {
  ColumnDescription,
  CheckDescription,
  ForeignKeyDescription,
  IndexDescription,
  SequenceDescription,
  ServerDescription,
  TableDescription,
  ValueDescription,
} from '../../core/catalog';
import type { TableName } from '../../core/identifier';
import type { Database } from './database';
import { hasRowsSql } from './sql/catalog/has-rows';
import { DESCRIBE_DETAILS, DESCRIBE_RELATIONS, DESCRIBE_SEQUENCES, DESCRIBE_SERVER } from './sql/statements';

type Queryable = Pick<Database, 'query'>;

/** One result stays far below 1 MiB: a table's row has about 1 KB, a column's about 1.2 KB with its indexes. */
const TABLES_PER_CALL = 100;
const COLUMNS_PER_CALL = 400;
const SEQUENCES_PER_CALL = 1_000;

/** Describes the server and the login of the session, in one round trip. */
export async function describeServer(database: Queryable): Promise<ServerDescription> {
  const [row] = await database.query(DESCRIBE_SERVER);
  return parse<ServerDescription>(row?.facts);
}

/** Describes one table, as {@link describeTables} does. */
export async function describeTable(database: Queryable, table: TableName): Promise<TableDescription | null> {
  const [description] = await describeTables(database, [table]);
  return description ?? null;
}

/**
 * Describes tables as the database's login sees them, in the given order; null for a table that does not exist.
 * Needs no rights on the tables. With `readsRows: false` it queries none of them. Three round trips for up to 400 columns, one or two more for each 400 beyond.
 */
export async function describeTables(
  database: Queryable,
  tables: readonly TableName[],
  { readsRows = true } = {},
): Promise<(TableDescription | null)[]> {
  const relations = await relationsOf(database, tables);
  const details = await detailsOf(database, [...relations.values()]);
  const filled = readsRows ? await filledTables(database, tables, relations) : new Set<number>();
  return tables.map((table, index) => {
    const relation = relations.get(index);
    return relation === undefined
      ? null
      : describe(table, relation, details.get(relation.oid) ?? [], filled.has(index));
  });
}

/** Describes every sequence of some schemas, in the order of their names, except those of extensions. */
export async function describeSequences(
  database: Queryable,
  schemas: readonly string[],
): Promise<SequenceDescription[]> {
  const found: SequenceDescription[] = [];
  for (;;) {
    const page = { schemas: JSON.stringify(schemas), count: SEQUENCES_PER_CALL, skipped: found.length };
    const rows = await database.query(DESCRIBE_SEQUENCES, page);
    found.push(...rows.map(({ facts }) => parse<SequenceDescription>(facts)));
    if (rows.length < SEQUENCES_PER_CALL) return found;
  }
}

type Direct = Omit<
  TableDescription,
  | 'table'
  | 'kind'
  | 'columns'
  | 'indexes'
  | 'foreignKeys'
  | 'referencedBy'
  | 'checks'
  | 'triggersInReplicaRole'
  | 'hasRows'
>;

interface Relation {
  readonly oid: string;
  readonly relkind: string;
  readonly columns: number;
  /** Whether reading could fail: row security hides rows from the login, or a partition is on another server. */
  readonly hidden: boolean;
  readonly facts: Direct;
}

interface Detail {
  readonly kind: string;
  readonly facts: unknown;
}

const KINDS: Readonly<Record<string, TableDescription['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** Reads the relations, by the index of the table in `tables`. */
async function relationsOf(
  database: Queryable,
  tables: readonly TableName[],
): Promise<Map<number, Relation>> {
  const relations = new Map<number, Relation>();
  for (let start = 0; start < tables.length; start += TABLES_PER_CALL) {
    const batch = tables.slice(start, start + TABLES_PER_CALL);
    const rows = await database.query(DESCRIBE_RELATIONS, { tables: JSON.stringify(batch) });
    for (const row of rows) {
      relations.set(start + Number(row.position) - 1, {
        oid: String(row.oid),
        relkind: String(row.relkind),
        columns: Number(row.columns),
        hidden: row.hidden === true,
        facts: parse<Direct>(row.facts),
      });
    }
  }
  return relations;
}

/** Reads the details of each table, by its oid. The labels of an enum are returned under the enum's oid. */
async function detailsOf(
  database: Queryable,
  relations: readonly Relation[],
): Promise<Map<string, Detail[]>> {
  const details = new Map<string, Detail[]>();
  const distinct = new Map(relations.map((relation) => [relation.oid, relation]));
  for (const batch of batchesOf([...distinct.values()])) {
    const oids = JSON.stringify(batch.map((relation) => relation.oid));
    const labels = new Map<string, string[]>();
    const rows = await database.query(DESCRIBE_DETAILS, { oids });
    for (const row of rows.filter(({ kind }) => kind === 'labels')) {
      labels.set(String(row.oid), [...(labels.get(String(row.oid)) ?? []), ...parse<string[]>(row.facts)]);
    }
    for (const row of rows.filter(({ kind }) => kind !== 'labels')) {
      const facts = row.kind === 'column' ? columnOf(parse<RawColumn>(row.facts), labels) : parse(row.facts);
      const known = details.get(String(row.oid)) ?? [];
      details.set(String(row.oid), [...known, { kind: String(row.kind), facts }]);
    }
  }
  return details;
}

type RawColumn = Omit<ColumnDescription, 'value'> & {
  readonly value: Omit<ValueDescription, 'enumLabels'> & { readonly oid: string };
};

function columnOf(
  { value: { oid, ...value }, ...column }: RawColumn,
  labels: ReadonlyMap<string, string[]>,
): ColumnDescription {
  const enumLabels = value.kind === 'enum' ? (labels.get(oid) ?? []) : null;
  return { ...column, value: { ...value, enumLabels } };
}

function batchesOf(relations: readonly Relation[]): Relation[][] {
  const batches: Relation[][] = [];
  let columns = Infinity;
  for (const relation of relations) {
    if (columns + relation.columns > COLUMNS_PER_CALL) {
      batches.push([]);
      columns = 0;
    }
    batches.at(-1)!.push(relation);
    columns += relation.columns;
  }
  return batches;
}

/** Returns the indexes of the tables that hold a row, among those that the login may read. */
async function filledTables(
  database: Queryable,
  tables: readonly TableName[],
  relations: ReadonlyMap<number, Relation>,
): Promise<Set<number>> {
  const readable = [...relations].filter(
    ([, { relkind, hidden, facts }]) =>
      ['r', 'p'].includes(relkind) && facts.privileges.usage && facts.privileges.select && !hidden,
  );
  const filled = new Set<number>();
  for (let start = 0; start < readable.length; start += TABLES_PER_CALL) {
    const batch = readable.slice(start, start + TABLES_PER_CALL);
    const sql = hasRowsSql(batch.map(([index]) => [index, tables[index]!]));
    for (const row of await database.query(sql)) {
      if (row.has_rows === true) filled.add(Number(row.place));
    }
  }
  return filled;
}

function describe(
  table: TableName,
  relation: Relation,
  details: readonly Detail[],
  hasRows: boolean,
): TableDescription {
  const factsOf = <T>(kind: string): T[] =>
    details.filter((detail) => detail.kind === kind).map((detail) => detail.facts as T);
  return {
    ...relation.facts,
    table,
    kind: KINDS[relation.relkind] ?? 'other',
    columns: factsOf<ColumnDescription>('column'),
    indexes: factsOf<IndexDescription>('index'),
    foreignKeys: factsOf<ForeignKeyDescription>('foreignKey'),
    referencedBy: factsOf<ForeignKeyDescription>('referencedBy'),
    checks: factsOf<CheckDescription>('check'),
    triggersInReplicaRole: factsOf<string>('trigger'),
    hasRows,
  };
}

/** Parses JSON that one of the catalog's statements returned. */
function parse<T>(text: unknown): T {
  if (typeof text !== 'string') throw new TypeError('a statement on the catalog returned no facts');
  return JSON.parse(text) as T;
}
