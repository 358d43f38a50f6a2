import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Pair, TableEnd } from './facts';
import { chunkNames, columnSubject, keyNames } from './key-columns';

/**
 * Refuses functions that would compute a value from its text, because only the input function of a type restores the value, and
 * implicit casts under which keys cannot be compared.
 */
export function textCasts(pair: Pair): Problem[] {
  const { mapping, source, target } = pair;
  if (!source || !target) return [];
  const written = [
    ...mappedColumns(mapping, source.table).values(),
    ...Object.keys(mapping.columns),
    ...(mapping.rowFunction?.writes ?? []),
  ];
  return [source, target].flatMap((end) => {
    const compared = [...keyNames(pair), ...chunkNames(pair)].flatMap((key) =>
      key.end === end ? key.names : [],
    );
    const cast = end === target ? [...written, ...compared] : compared;
    return end.table.columns.flatMap((column) => [
      ...(cast.includes(column.name) ? computedFromText(end, column) : []),
      ...(compared.includes(column.name) ? ambiguous(end, column) : []),
    ]);
  });
}

const computedFromText = (end: TableEnd, { name, castsFromText }: ColumnDescription): Problem[] =>
  castsFromText.map(({ cast, calls }) => ({
    check: 'text-casts',
    subject: columnSubject(end, name),
    found: `${cast} calls function ${calls}, so a value's text may not restore the value`,
    remedy: `DROP ${cast}; if the application needs it, create it WITH INOUT`,
  }));

/** Types without operators of their own: theirs are those of `anyenum` and `anyrange`. */
const POLYMORPHIC = ['enum', 'range', 'multirange'];

const ambiguous = (end: TableEnd, { name, value, implicitCasts }: ColumnDescription): Problem[] =>
  (POLYMORPHIC.includes(value.kind) ? implicitCasts : []).map((cast) => ({
    check: 'text-casts',
    subject: columnSubject(end, name),
    found: `it is part of the key, and ${cast} is implicit, so operators on it are ambiguous`,
    remedy: `DROP ${cast}; if the application needs it, create it AS ASSIGNMENT`,
  }));
