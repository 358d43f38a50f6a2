import type { SequenceDescription, TableDescription } from './catalog';
import type { TableName } from './identifier';
import type { Layout, SequenceLayout } from './layout';

/** Gap that a sequence of the receiving side leaves after both positions, because a guard does not stop nextval. */
export const SEQUENCE_GAP = 1_000;

/** Two tables of a mapping, and the sequences that its columns draw from at both ends. */
export interface DrawingTables {
  readonly from: TableDescription;
  readonly to: TableDescription;
  readonly drawn: readonly SequenceLayout[];
}

/** A sequence that no mapped column draws from, and the one of the same name at the other end. */
export interface FreePair {
  readonly from: SequenceDescription;
  readonly to: SequenceDescription;
}

/** Leaves out repeated pairs: several columns may draw from one sequence. */
export const distinctSequences = (sequences: readonly SequenceLayout[]): SequenceLayout[] => [
  ...new Map(sequences.map((pair) => [JSON.stringify([pair.from, pair.to]), pair])).values(),
];

/**
 * Pairs the sequences that functions, triggers or the application draw from: by their name, in the schemas of two mapped
 * tables. No default depends on them, so the catalog does not record which column they number. Sequences of other tables stay
 * with these tables.
 */
export function freeSequences(
  tables: readonly DrawingTables[],
  from: readonly SequenceDescription[],
  to: readonly SequenceDescription[],
): FreePair[] {
  const advanced = new Set(tables.flatMap(({ drawn }) => drawn.map((pair) => pair.to)));
  const fromTables = tables.map((table) => table.from);
  const toTables = tables.map((table) => table.to);
  return from.flatMap((sequence) =>
    counterparts(tables, sequence, to)
      .filter((other) => !advanced.has(other.sequence))
      .filter((other) => mayPair(sequence, fromTables) && mayPair(other, toTables))
      .map((other) => ({ from: sequence, to: other })),
  );
}

/** Schemas of the receiving end whose sequences continue those of a schema. */
export const schemasAfter = (
  tables: readonly Pick<DrawingTables, 'from' | 'to'>[],
  schema: string,
): readonly string[] => [
  ...new Set(tables.flatMap(({ from, to }) => (from.table.schema === schema ? [to.table.schema] : []))),
];

/** Sequences of the receiving end with the same name, in the schemas that the tables of the sequence's schema move to. */
function counterparts(
  tables: readonly DrawingTables[],
  { schema, name }: SequenceDescription,
  to: readonly SequenceDescription[],
): SequenceDescription[] {
  const schemas = schemasAfter(tables, schema);
  return to.filter((other) => other.name === name && schemas.includes(other.schema));
}

/** A sequence is `free`, or a column owns it that draws from `another` one, or whose table is not `mapped`. */
export type Owning = 'free' | 'another' | 'not mapped';

/** How a sequence belongs to the mapped tables of its end. */
export function owningOf(
  { sequence, ownedBy }: SequenceDescription,
  tables: readonly TableDescription[],
): Owning {
  if (ownedBy === null) return 'free';
  const owner = tables.find(({ table }) => isSame(table, ownedBy));
  const column = owner?.columns.find(({ name }) => name === ownedBy.column);
  if (!column) return 'not mapped';
  return column.sequence === sequence ? 'free' : 'another';
}

const mayPair = (sequence: SequenceDescription, tables: readonly TableDescription[]): boolean =>
  owningOf(sequence, tables) === 'free';

const isSame = (one: TableName, other: TableName): boolean =>
  one.schema === other.schema && one.name === other.name;

/** The layouts of all tables; the first also gets the sequences that no mapped column draws from. */
export function withFreeSequences(
  tables: readonly {
    readonly from: TableDescription;
    readonly to: TableDescription;
    readonly layout: Layout;
  }[],
  from: readonly SequenceDescription[],
  to: readonly SequenceDescription[],
): Layout[] {
  const drawing = tables.map((table) => ({ ...table, drawn: table.layout.sequences }));
  const free = freeSequences(drawing, from, to).map((pair) => ({
    from: pair.from.sequence,
    to: pair.to.sequence,
  }));
  return tables.map(({ layout }, index) =>
    index === 0 ? { ...layout, sequences: [...layout.sequences, ...free] } : layout,
  );
}
