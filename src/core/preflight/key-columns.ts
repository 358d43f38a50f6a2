import type { ColumnDescription } from '../catalog';
import type { End, Pair } from './facts';
import { chunkKeyOf, keyOf, renamedColumns } from '../layout';

/** A column of the key or of the chunks' order, on one end. */
export interface KeyColumnOn {
  readonly end: End;
  readonly column: ColumnDescription;
}

/** Names of the key on each end that is known; the target's by the mapping. Empty without a key. */
export const keyNames = (pair: Pair): { end: End; names: readonly string[] }[] => namesOn(pair, keyOf);

/** The same of the columns in whose order chunks are cut. */
export const chunkNames = (pair: Pair): { end: End; names: readonly string[] }[] => namesOn(pair, chunkKeyOf);

/** Columns that order the chunks, on each end, as far as they exist. */
export const chunkColumns = (pair: Pair): KeyColumnOn[] =>
  chunkNames(pair).flatMap(({ end, names }) =>
    names.flatMap((name) => {
      const column = end.table.columns.find((candidate) => candidate.name === name);
      return column ? [{ end, column }] : [];
    }),
  );

function namesOn({ mapping, source, target }: Pair, choose: typeof keyOf): { end: End; names: string[] }[] {
  if (!source) return [];
  const names = choose(mapping, source.table);
  const renamed = renamedColumns(mapping);
  return [
    { end: source, names: [...names] },
    ...(target ? [{ end: target, names: names.map((name) => renamed.get(name) ?? name) }] : []),
  ];
}

export const columnSubject = ({ side, name }: End, column: string): string =>
  `${side} table ${name}, column ${column}`;
