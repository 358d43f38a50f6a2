import type { IndexDescription } from '../catalog';
import type { Problem } from '../errors';
import type { TableEnd, Pair } from './facts';
import { columnSubject, keyNames } from './key-columns';

/** Requires a unique, not-null key on both ends. */
export const usableKey = (pair: Pair): Problem[] =>
  keyNames(pair).flatMap(({ end, names }) => {
    if (names.length > 0) return keyProblems(end, names);
    return end.side === 'source' ? [missingKey(end)] : [];
  });

function missingKey({ side, name, table }: TableEnd): Problem {
  const fitting = table.indexes
    .filter((index) => index.unique && index.usable && !index.partial)
    .map(({ columns }) => columns)
    .find((columns) =>
      columns.every((column) => table.columns.some((each) => each.name === column && each.notNull)),
    );
  return {
    check: 'usable-key',
    subject: `${side} table ${name}`,
    found: 'the table has no primary key',
    remedy: fitting
      ? `Set key: ${JSON.stringify(fitting)}, which has a unique index and is never NULL`
      : 'Name the columns of a unique, not-null key in key, or add a primary key',
  };
}

function keyProblems(end: TableEnd, names: readonly string[]): Problem[] {
  const { columns, indexes } = end.table;
  const candidates = indexes.filter((index) => index.unique && sameColumns(index, names));
  const unique = candidates.some((index) => index.usable && !index.partial);
  return [
    ...(unique
      ? []
      : [
          {
            check: 'usable-key',
            subject: `${end.side} table ${end.name}`,
            found: `it has no usable unique index on exactly (${names.join(', ')})${why(candidates)}`,
            remedy: 'Create one (CREATE UNIQUE INDEX CONCURRENTLY), or choose another key',
          },
        ]),
    ...columns
      .filter((column) => names.includes(column.name) && !column.notNull)
      .map((column) => ({
        check: 'usable-key',
        subject: columnSubject(end, column.name),
        found: 'it is part of the key, but may be NULL',
        remedy: 'SET NOT NULL (and validate it), or choose another key',
      })),
  ];
}

const sameColumns = (index: IndexDescription, names: readonly string[]): boolean =>
  index.columns.length === names.length && names.every((name) => index.columns.includes(name));

const why = (candidates: readonly IndexDescription[]): string =>
  candidates
    .map(({ name, partial }) =>
      partial
        ? `; ${name} is partial`
        : `; ${name} is invalid, deferrable, or sorted differently from its columns`,
    )
    .join('');
