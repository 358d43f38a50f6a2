import type { ColumnDescription } from '../catalog';
import type { TableEnd, Pair } from './facts';
import { chunkKeyOf, keyOf, renamedColumns } from '../layout';

/** A column of the key or of the chunks' order, on one end. */
export interface KeyColumnOn {
  readonly end: TableEnd;
  readonly column: ColumnDescription;
}

/** Key columns on each end whose table is known, those of the target by the mapping. Empty without a key. */
export const keyNames = (pair: Pair): { end: TableEnd; names: readonly string[] }[] => namesOn(pair, keyOf);

/** Columns that order the chunks, on each end whose table is known. */
export const chunkNames = (pair: Pair): { end: TableEnd; names: readonly string[] }[] =>
  namesOn(pair, chunkKeyOf);

/** Descriptions of the columns that order the chunks, of those that exist. */
export const chunkColumns = (pair: Pair): KeyColumnOn[] =>
  chunkNames(pair).flatMap(({ end, names }) =>
    names.flatMap((name) => {
      const column = end.table.columns.find((candidate) => candidate.name === name);
      return column ? [{ end, column }] : [];
    }),
  );

function namesOn(
  { mapping, source, target }: Pair,
  choose: typeof keyOf,
): { end: TableEnd; names: string[] }[] {
  if (!source) return [];
  const names = choose(mapping, source.table);
  const renamed = renamedColumns(mapping);
  return [
    { end: source, names: [...names] },
    ...(target ? [{ end: target, names: names.map((name) => renamed.get(name) ?? name) }] : []),
  ];
}

export const columnSubject = ({ side, name }: TableEnd, column: string): string =>
  `${side} table ${name}, column ${column}`;
