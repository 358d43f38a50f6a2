import type { Side } from '../../contract/sides';
import type { TableDescription } from '../catalog';
import type { Mapping } from '../definition/definition';
import type { Problem } from '../errors';
import { chunkKeyOf, mappedColumns, renamedColumns } from '../layout';
import type { Pair } from './facts';

/** Requires that every column that the mapping names exists, and that no two columns go to the same target column. */
export function knownColumns({ mapping, source, target }: Pair): Problem[] {
  const onSource: [string, readonly string[]][] = [
    ['key', mapping.key ?? []],
    ['columns', [...renamedColumns(mapping).keys()]],
    ['omit', mapping.omit],
    ['rowFunction.reads', mapping.rowFunction?.reads ?? []],
    ['chunking.by', mapping.chunking.by === undefined ? [] : [mapping.chunking.by]],
  ];
  const onTarget: [string, readonly string[]][] = [
    ['columns', Object.keys(mapping.columns)],
    ['rowFunction.writes', mapping.rowFunction?.writes ?? []],
  ];
  return [
    ...(source ? onSource.flatMap(([field, names]) => unknown('source', field, names, source.table)) : []),
    ...(target ? onTarget.flatMap(([field, names]) => unknown('target', field, names, target.table)) : []),
    ...(source ? collisions(mapping, source.table) : []),
    ...(source ? missingKeys(mapping, source.table) : []),
  ];
}

function unknown(side: Side, field: string, names: readonly string[], table: TableDescription): Problem[] {
  const known = table.columns.map((column) => column.name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      check: 'known-columns',
      subject: `${side} table ${table.table.schema}.${table.table.name}, ${field}`,
      found: `column ${name} does not exist`,
      remedy: `Correct the name; did you mean ${nearest(name, known)}?`,
    }));
}

function collisions(mapping: Mapping, source: TableDescription): Problem[] {
  const columns: (readonly [from: string, to: string])[] = [
    ...mappedColumns(mapping, source),
    ...(mapping.rowFunction?.writes ?? []).map((to) => ['the row function', to] as const),
  ];
  const targets = columns.map(([, to]) => to);
  const twice = new Set(targets.filter((name, index) => targets.indexOf(name) !== index));
  return [...twice].map((name) => ({
    check: 'known-columns',
    subject: `source table ${mapping.source}`,
    found: `${columns.flatMap(([from, to]) => (to === name ? [from] : [])).join(' and ')} both go to target column ${name}`,
    remedy: 'Omit one of them, or map it to another target column in columns',
  }));
}

/** Columns of the primary key that the mapping does not carry. The definition's own checks cover a declared key. */
function missingKeys(mapping: Mapping, source: TableDescription): Problem[] {
  const mapped = mappedColumns(mapping, source);
  return chunkKeyOf(mapping, source)
    .filter((column) => source.columns.some(({ name }) => name === column))
    .filter((column) => !mapped.has(column) && !mapping.key?.includes(column))
    .map((column) => ({
      check: 'known-columns',
      subject: `source table ${mapping.source}, ${mapping.omit.includes(column) ? 'omit' : 'columns'}`,
      found: `${column} orders the chunks, but ${mapping.omit.includes(column) ? 'is omitted' : 'is computed'}`,
      remedy: 'Map it unchanged, or choose another key',
    }));
}

const nearest = (name: string, known: readonly string[]): string =>
  [...known].sort((left, right) => distance(name, left) - distance(name, right))[0] ?? '(it has no columns)';

/** Levenshtein's edit distance. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...left].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...right].entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}
