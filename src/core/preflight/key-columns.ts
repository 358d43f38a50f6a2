import type { ColumnDescription } from '../catalog';
import type { TableEnd, Pair } from './facts';
import { chunkKeyOf, keyOf, renamedColumns } from '../layout';

/** A column of the key or of the chunks' order, on one end. */
export interface KeyColumnOn {
  readonly end: TableEnd;
  readonly column: ColumnDescription;
}

/** Names of the key on each end that is known; the target's by the mapping. Empty without a key. */
export const keyNames = (pair: Pair): { end: TableEnd; names: readonly string[] }[] => namesOn(pair, keyOf);

/** The same of the columns in whose order chunks are cut. */
export const chunkNames = (pair: Pair): { end: TableEnd; names: readonly string[] }[] =>
  namesOn(pair, chunkKeyOf);

/** Columns that order the chunks, on each end, as far as they exist. */
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
