import type { ColumnDescription, TableDescription } from './catalog';
import type { Mapping } from './definition/definition';
import type { TableName } from './identifier';

/** Appliers of one table that may work at the same time. */
const PARTITIONS = 4;

/** How one column is read, sent and written. */
export interface ColumnLayout {
  /** Column of the table that is read; for a computed column, the name of the column that is written. */
  readonly from: string;
  /** SQL over the row that is read which gives the value, or null for the column itself. */
  readonly expression: string | null;
  /**
   * Only for columns that the row function gives: the columns that are sent in its place until it is called. The first such
   * column carries every column that the function reads; the others carry none.
   */
  readonly reads?: readonly string[];
  readonly to: string;
  /** Type where it is read, with its modifier, schema-qualified unless built in. */
  readonly fromType: string;
  readonly toType: string;
  /** `toType` without its modifier: values are cast to it, and the column itself refuses what does not fit. */
  readonly toPlainType: string;
  /**
   * `array`: values are aggregated in an array of their own type; `text`: as text within a text array (arrays themselves,
   * types without an array type, types whose arrays are not separated by commas, composites, which unnest spreads).
   */
  readonly transport: 'array' | 'text';
  /** False for columns that the receiving table generates: compared, not sent. */
  readonly sent: boolean;
  /** The receiving table takes a value with the row's insert only (GENERATED ALWAYS AS IDENTITY). */
  readonly fixed: boolean;
}

/** A column of the key that orders the chunks. */
export interface KeyColumn {
  readonly from: string;
  readonly to: string;
  /** Type without modifier on each end; key text is cast to it before it is compared. */
  readonly fromType: string;
  readonly toType: string;
}

export interface ForeignKeyLayout {
  readonly name: string;
  /** The only partition whose rows need a parent, or null. */
  readonly ofPartition: TableName | null;
  readonly columns: readonly string[];
  /** The referenced table, or the root of its partition tree. */
  readonly references: TableName;
  /** The only partition that has the parents, or null. */
  readonly toPartition: TableName | null;
  readonly referencedColumns: readonly string[];
  /** How each referenced column is compared with the referencing one. */
  readonly comparisons: readonly { readonly operator: string; readonly collation: string | null }[];
  /** The sending side enforces the same key on the same columns: if both tables are equal on the two sides, every row has its parent. */
  readonly mirrored: boolean;
}

export interface UniqueLayout {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface SequenceLayout {
  /** `schema.name`, quoted as SQL would, of the sequence of the column that is read. */
  readonly from: string;
  readonly to: string;
}

/**
 * Everything that the statements on one mapped table are built from, for one direction: rows are read from `from` and written
 * to `to`. Names and types only.
 */
export interface Layout {
  readonly from: TableName;
  readonly to: TableName;
  /** Values are stored out of line: rows may be large, so pages are measured while they are gathered. */
  readonly wide: boolean;
  /** SQL over the row that is read: only rows for which it is true are moved. Null: all rows. */
  readonly where: string | null;
  readonly columns: readonly ColumnLayout[];
  /** Chunk order: `chunking.by` (if any), then the key. */
  readonly key: readonly KeyColumn[];
  /** Receiving columns of the key that identifies a row: those of `key` without `chunking.by`. */
  readonly identity: readonly string[];
  /** Unique indexes of the receiving table besides the identity. */
  readonly uniques: readonly UniqueLayout[];
  /** Hash slices of the keys, one applier's each; one where rows may conflict through other unique indexes. */
  readonly partitions: number;
  /**
   * Validated foreign keys of the receiving table: every row must have its parent before the flip. Not those with PERIOD: preflight
   * requires that the sending table enforces them, too.
   */
  readonly foreignKeys: readonly ForeignKeyLayout[];
  /** Those that columns draw from; the first table's layout also has those that no mapped column draws from. */
  readonly sequences: readonly SequenceLayout[];
}

/** Columns that are sent, in the order of the statements' parameters `c0`, `c1`, … */
export const sentColumns = (layout: Layout): readonly ColumnLayout[] =>
  layout.columns.filter((column) => column.sent);

/** Leaves out the sequences that both ends of one database share: they continue as they are. */
export const withoutSharedSequences = (layout: Layout): Layout => ({
  ...layout,
  sequences: layout.sequences.filter(({ from, to }) => from !== to),
});

/** Source columns of the key of a mapping: as declared, or the primary key. Empty if there is none. */
export function keyOf(mapping: Mapping, source: TableDescription): readonly string[] {
  if (mapping.key) return mapping.key;
  const primary = source.indexes.find((index) => index.primary);
  return primary ? primary.columns.filter((column) => column !== null) : [];
}

/** Target column → expression of every target column that SQL computes. */
export const expressionsOf = ({ columns }: Pick<Mapping, 'columns'>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(columns).flatMap(([to, from]) => (typeof from === 'string' ? [] : [[to, from.sql]])),
  );

/** Source column → target column, where `columns` gives a source column another name. */
export const renamedColumns = ({ columns }: Pick<Mapping, 'columns'>): ReadonlyMap<string, string> =>
  new Map(Object.entries(columns).flatMap(([to, from]) => (typeof from === 'string' ? [[from, to]] : [])));

/**
 * Source column → target column of every column that is copied unchanged, in the source's order. A column that an
 * expression or a row function replaces is not sent by itself.
 */
export function mappedColumns(mapping: Mapping, source: TableDescription): ReadonlyMap<string, string> {
  const renamed = renamedColumns(mapping);
  const computed = expressionsOf(mapping);
  const { reads = [], writes = [] } = mapping.rowFunction ?? {};
  const replaced = (name: string) => computed.has(name) || (writes.includes(name) && reads.includes(name));
  return new Map(
    source.columns
      .filter(({ name }) => !mapping.omit.includes(name) && (renamed.has(name) || !replaced(name)))
      .map(({ name }) => [name, renamed.get(name) ?? name]),
  );
}

/** Source columns in whose order chunks are cut. */
export function chunkKeyOf(mapping: Mapping, source: TableDescription): readonly string[] {
  const key = keyOf(mapping, source);
  const { by } = mapping.chunking;
  return by === undefined ? key : [by, ...key.filter((column) => column !== by)];
}

/** Type of each expression, by its target column. */
export type ExpressionTypes = ReadonlyMap<string, ColumnDescription>;

/**
 * Joins a mapping with what both databases say of its tables.
 * @param from the table that is read, by the mapping's source columns
 * @param expressions types of all of the mapping's expressions, as the database that is read describes them
 * @throws MappingMismatch if a mapped column is missing on an end; preflight has named it before
 */
export function layoutOf(
  mapping: Mapping,
  from: TableDescription,
  to: TableDescription,
  expressions: ExpressionTypes = new Map(),
): Layout {
  const columns = mappedColumns(mapping, from);
  const read = (name: string) => columnNamed(from, name);
  const written = (name: string) => columnNamed(to, columns.get(name) ?? name);
  const identity = keyOf(mapping, from).map((name) => written(name).name);
  const uniques = secondaryUniques(to, identity);
  return {
    from: from.table,
    to: to.table,
    wide: from.toastBytes > 0,
    where: mapping.where ?? null,
    columns: [
      ...[...columns.keys()].map((name) => columnOf(name, read(name), written(name))),
      ...[...expressionsOf(mapping)].map(([name, expression]) => ({
        ...columnOf(name, valueNamed(expressions, name), columnNamed(to, name)),
        expression,
      })),
      ...givenColumns(mapping, to),
    ],
    key: chunkKeyOf(mapping, from).map((name) => ({
      from: name,
      to: written(name).name,
      fromType: read(name).plainType,
      toType: written(name).plainType,
    })),
    identity,
    uniques,
    partitions: uniques.length === 0 ? PARTITIONS : 1,
    foreignKeys: to.foreignKeys
      .filter(({ validated, temporal }) => validated && !temporal)
      .map(
        ({
          name,
          ofPartition,
          columns: own,
          to: references,
          toPartition,
          referencedColumns,
          comparisons,
        }) => ({
          ...{ name, ofPartition, columns: own, references, toPartition, referencedColumns, comparisons },
          mirrored: false,
        }),
      ),
    sequences: [...columns.keys()].flatMap((name) => {
      const [sequence, own] = [read(name).sequence, written(name).sequence];
      return sequence !== null && own !== null ? [{ from: sequence, to: own }] : [];
    }),
  };
}

const columnOf = (name: string, from: ColumnDescription, to: ColumnDescription): ColumnLayout => ({
  from: name,
  expression: null,
  to: to.name,
  fromType: from.type,
  toType: to.type,
  toPlainType: to.plainType,
  transport: transportOf(from, to),
  sent: !to.generated,
  fixed: to.identity === 'always',
});

/** Columns of the row function. The columns that it reads leave as one value, and its results arrive as texts. */
const givenColumns = ({ rowFunction }: Mapping, table: TableDescription): ColumnLayout[] =>
  (rowFunction?.writes ?? []).map((name, index) => {
    const to = columnNamed(table, name);
    const reads = index === 0 ? rowFunction!.reads : [];
    return { ...columnOf(name, to, to), reads, fromType: 'text', transport: 'text' };
  });

/** Unique indexes that can make two rows conflict which differ in their key; an expression's columns are not named. */
const secondaryUniques = (table: TableDescription, identity: readonly string[]): UniqueLayout[] =>
  table.indexes
    .filter(({ unique }) => unique)
    .filter(({ columns }) => !identity.every((column) => columns.includes(column)))
    .map(({ name, columns }) => ({ name, columns: columns.filter((column) => column !== null) }));

function transportOf(from: ColumnDescription, to: ColumnDescription): 'array' | 'text' {
  const plain = (column: ColumnDescription) =>
    !column.isArray &&
    column.hasArrayType &&
    column.delimiter === ',' &&
    column.kind !== 'pseudo' &&
    column.kind !== 'composite' &&
    (column.kind !== 'domain' || !column.baseType.includes('.'));
  return plain(from) && plain(to) ? 'array' : 'text';
}

/** A mapping does not fit its tables, though preflight found that it did. */
export class MappingMismatch extends Error {}

/** @throws MappingMismatch if the table has no such column */
export function columnNamed(description: TableDescription, name: string): ColumnDescription {
  const column = description.columns.find((candidate) => candidate.name === name);
  if (!column)
    throw new MappingMismatch(`${description.table.schema}.${description.table.name} has no column ${name}`);
  return column;
}

function valueNamed(expressions: ExpressionTypes, name: string): ColumnDescription {
  const value = expressions.get(name);
  if (!value)
    throw new MappingMismatch(`the source does not understand the expression of column ${name} any more`);
  return value;
}
