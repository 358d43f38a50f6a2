import type { ColumnDescription, TableDescription } from './catalog';
import type { Mapping } from './definition';
import type { TableName } from './identifier';

/** Appliers of one table that may work at the same time. */
const PARTITIONS = 4;

/** How one column travels and what it is on each end. */
export interface ColumnLayout {
  /** Source column; of what is computed, the target column's name. */
  readonly source: string;
  /** SQL over the source row that gives the value, or null for the column itself. */
  readonly expression: string | null;
  /**
   * Only of columns that the row function gives: source columns that travel in its place until it is called. All that it
   * reads in its first column, none in the others.
   */
  readonly reads?: readonly string[];
  readonly target: string;
  /** Type on the source with its modifier, schema-qualified unless built in. */
  readonly sourceType: string;
  readonly targetType: string;
  /** The target's type without its modifier: values are cast to it, and the column itself refuses what does not fit. */
  readonly targetPlainType: string;
  /**
   * `array`: values are aggregated in an array of their own type; `text`: as text within a text array (arrays themselves,
   * types without an array type, types whose arrays are not separated by commas, composites, which unnest spreads).
   */
  readonly transport: 'array' | 'text';
  /** False for columns that the target generates: compared, not sent. */
  readonly sent: boolean;
  /** The target takes a value with the row's insert only (GENERATED ALWAYS AS IDENTITY). */
  readonly fixed: boolean;
}

/** A column of the key that orders the chunks. */
export interface KeyColumn {
  readonly source: string;
  readonly target: string;
  /** Type without modifier on each end; key text is cast to it before it is compared. */
  readonly sourceType: string;
  readonly targetType: string;
}

export interface ForeignKeyLayout {
  readonly name: string;
  readonly columns: readonly string[];
  readonly to: TableName;
  readonly referencedColumns: readonly string[];
  /** The source enforces the same over the same columns: where both tables are equal to theirs, no row lacks its parent. */
  readonly mirrored: boolean;
}

export interface UniqueLayout {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface SequenceLayout {
  /** `schema.name`, quoted as SQL would, of the sequence behind the source column. */
  readonly source: string;
  readonly target: string;
}

/** Everything that the statements on one mapped table are built from. Names and types only. */
export interface Layout {
  readonly source: TableName;
  readonly target: TableName;
  /** Values are stored out of line: rows may be large, so pages are measured while they are gathered. */
  readonly wide: boolean;
  /** SQL over the source row: only rows for which it is true are the target's. Null: all. */
  readonly where: string | null;
  readonly columns: readonly ColumnLayout[];
  /** Chunk order: `chunking.by` (if any), then the key. */
  readonly key: readonly KeyColumn[];
  /** Target columns of the key that identifies a row: those of `key` without `chunking.by`. */
  readonly identity: readonly string[];
  /** Unique indexes of the target beside the identity. */
  readonly uniques: readonly UniqueLayout[];
  /** Hash slices of the keys, one applier's each; one where rows may conflict through other unique indexes. */
  readonly partitions: number;
  /** Foreign keys of the target table, proven before the flip. */
  readonly foreignKeys: readonly ForeignKeyLayout[];
  readonly sequences: readonly SequenceLayout[];
}

/** Columns that travel, in the order of the statements' parameters `c0`, `c1`, … */
export const sentColumns = (layout: Layout): readonly ColumnLayout[] =>
  layout.columns.filter((column) => column.sent);

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
 * Source column → target column of every column that the mapping carries as it is, in the source's order. A column whose
 * place an expression takes, or the row function that reads it, does not travel by itself.
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

/** What the values of each expression are, by its target column. */
export type ExpressionTypes = ReadonlyMap<string, ColumnDescription>;

/**
 * Joins a mapping with what both databases say of its tables.
 * @param expressions the source's word on the types of all of the mapping's expressions
 * @throws Error if a mapped column is missing on an end; preflight has named it before
 */
export function layoutOf(
  mapping: Mapping,
  source: TableDescription,
  target: TableDescription,
  expressions: ExpressionTypes = new Map(),
): Layout {
  const columns = mappedColumns(mapping, source);
  const from = (name: string) => columnNamed(source, name);
  const to = (name: string) => columnNamed(target, columns.get(name) ?? name);
  const identity = keyOf(mapping, source).map((name) => to(name).name);
  const uniques = secondaryUniques(target, identity);
  return {
    source: source.table,
    target: target.table,
    wide: source.toastBytes > 0,
    where: mapping.where ?? null,
    columns: [
      ...[...columns.keys()].map((name) => columnOf(name, from(name), to(name))),
      ...[...expressionsOf(mapping)].map(([name, expression]) => ({
        ...columnOf(name, valueNamed(expressions, name), columnNamed(target, name)),
        expression,
      })),
      ...givenColumns(mapping, target),
    ],
    key: chunkKeyOf(mapping, source).map((name) => ({
      source: name,
      target: to(name).name,
      sourceType: from(name).plainType,
      targetType: to(name).plainType,
    })),
    identity,
    uniques,
    partitions: uniques.length === 0 ? PARTITIONS : 1,
    foreignKeys: target.foreignKeys.map(({ name, columns: own, to: parent, referencedColumns }) => ({
      name,
      columns: own,
      to: parent,
      referencedColumns,
      mirrored: false,
    })),
    sequences: [...columns.keys()].flatMap((name) => {
      const [left, right] = [from(name).sequence, to(name).sequence];
      return left !== null && right !== null ? [{ source: left, target: right }] : [];
    }),
  };
}

const columnOf = (source: string, from: ColumnDescription, to: ColumnDescription): ColumnLayout => ({
  source,
  expression: null,
  target: to.name,
  sourceType: from.type,
  targetType: to.type,
  targetPlainType: to.plainType,
  transport: transportOf(from, to),
  sent: !to.generated,
  fixed: to.identity === 'always',
});

/** Columns of the row function. What it reads goes out as one value, and texts come in. */
const givenColumns = ({ rowFunction }: Mapping, target: TableDescription): ColumnLayout[] =>
  (rowFunction?.writes ?? []).map((name, index) => {
    const to = columnNamed(target, name);
    const reads = index === 0 ? rowFunction!.reads : [];
    return { ...columnOf(name, to, to), reads, sourceType: 'text', transport: 'text' };
  });

/** Unique indexes that can make two rows conflict which differ in their key; an expression's columns are not named. */
const secondaryUniques = (target: TableDescription, identity: readonly string[]): UniqueLayout[] =>
  target.indexes
    .filter(({ unique }) => unique)
    .filter(({ columns }) => !identity.every((column) => columns.includes(column)))
    .map(({ name, columns }) => ({ name, columns: columns.filter((column) => column !== null) }));

function transportOf(source: ColumnDescription, target: ColumnDescription): 'array' | 'text' {
  const plain = (column: ColumnDescription) =>
    !column.isArray &&
    column.hasArrayType &&
    column.delimiter === ',' &&
    column.kind !== 'pseudo' &&
    column.kind !== 'composite' &&
    (column.kind !== 'domain' || !column.baseType.includes('.'));
  return plain(source) && plain(target) ? 'array' : 'text';
}

/** A mapping does not fit its tables, though preflight found that it did. */
export class DoesNotFit extends Error {}

function columnNamed(description: TableDescription, name: string): ColumnDescription {
  const column = description.columns.find((candidate) => candidate.name === name);
  if (!column)
    throw new DoesNotFit(`${description.table.schema}.${description.table.name} has no column ${name}`);
  return column;
}

function valueNamed(expressions: ExpressionTypes, name: string): ColumnDescription {
  const value = expressions.get(name);
  if (!value)
    throw new DoesNotFit(`the source does not understand the expression of column ${name} any more`);
  return value;
}
