import type { TableDescription } from '../catalog';
import type { Problem } from '../errors';
import { chunkKeyOf, mappedColumns } from '../layout';
import type { Pair } from './facts';

/** Every column that the mapping names is there, and no two columns go to the same place. */
export function knownColumns({ mapping, source, target }: Pair): Problem[] {
  const declared: [string, readonly string[]][] = [
    ['key', mapping.key ?? []],
    ['columns', Object.values(mapping.columns)],
    ['omit', mapping.omit],
    ['chunking.by', mapping.chunking.by === undefined ? [] : [mapping.chunking.by]],
  ];
  return [
    ...(source ? declared.flatMap(([field, names]) => unknown('source', field, names, source.table)) : []),
    ...(target ? unknown('target', 'columns', Object.keys(mapping.columns), target.table) : []),
    ...(source ? collisions(mapping.source, mappedColumns(mapping, source.table)) : []),
    ...(source ? omittedKeys({ mapping, source, target }, source.table) : []),
  ];
}

function unknown(
  side: 'source' | 'target',
  field: string,
  names: readonly string[],
  table: TableDescription,
): Problem[] {
  const known = table.columns.map((column) => column.name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      check: 'known-columns',
      subject: `${side} table ${table.table.schema}.${table.table.name}, ${field}`,
      found: `there is no column ${name}`,
      remedy: `did you mean ${nearest(name, known)}?`,
    }));
}

function collisions(table: string, columns: ReadonlyMap<string, string>): Problem[] {
  const targets = [...columns.values()];
  const twice = new Set(targets.filter((name, index) => targets.indexOf(name) !== index));
  return [...twice].map((name) => ({
    check: 'known-columns',
    subject: `source table ${table}`,
    found: `${[...columns].flatMap(([from, to]) => (to === name ? [from] : [])).join(' and ')} both go to target column ${name}`,
    remedy: 'omit one of them, or give it another target column in columns',
  }));
}

/** The primary key is known only here; a declared key was compared with `omit` before. */
function omittedKeys({ mapping }: Pair, source: TableDescription): Problem[] {
  return chunkKeyOf(mapping, source)
    .filter((column) => mapping.omit.includes(column) && !mapping.key?.includes(column))
    .map((column) => ({
      check: 'known-columns',
      subject: `source table ${mapping.source}, omit`,
      found: `${column} orders the chunks and is left out`,
      remedy: 'keep it, or choose another key',
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
