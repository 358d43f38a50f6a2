import type { ColumnDescription } from '../catalog';
import { mappedColumns } from '../layout';
import { freeSequences, type DrawingTables, type FreePair } from '../sequences';
import { isOneDatabase, pairsOf, type Facts, type Pair } from './facts';

interface SequencePair {
  readonly column: { readonly from: string; readonly to: ColumnDescription };
  readonly from: string | null;
  readonly to: string | null;
}

/** The sequences of the mapped columns. */
export function sequencesOf({ mapping, source, target }: Pair): SequencePair[] {
  if (!source || !target) return [];
  const columns = mappedColumns(mapping, source.table);
  return source.table.columns.flatMap(({ name, sequence }) => {
    const to = target.table.columns.find((column) => column.name === columns.get(name));
    return to ? [{ column: { from: name, to }, from: sequence, to: to.sequence }] : [];
  });
}

/** Sequences that pair by their name, shared ones included. */
export const freePairsOf = (facts: Facts): FreePair[] =>
  freeSequences(drawingTables(facts), facts.source.sequences, facts.target.sequences);

/** Whether the two are different sequences. */
export const isMoved = ({ from, to }: FreePair, facts: Facts): boolean =>
  from.sequence !== to.sequence || !isOneDatabase(facts);

/** The mapped tables that both ends have, with the sequences that their columns draw from. */
export function drawingTables(facts: Facts): DrawingTables[] {
  return pairsOf(facts).flatMap((pair) =>
    pair.source && pair.target
      ? [{ from: pair.source.table, to: pair.target.table, drawn: drawnBy(pair) }]
      : [],
  );
}

const drawnBy = (pair: Pair) =>
  sequencesOf(pair).flatMap(({ from, to }) => (from !== null && to !== null ? [{ from, to }] : []));
