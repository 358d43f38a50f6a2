import type { TableDescription } from './catalog';
import { quoteTable } from './identifier';
import type { ForeignKeyLayout, Layout } from './layout';

export interface MappedTable {
  readonly layout: Layout;
  readonly source: TableDescription;
}

/** Layouts of all mapped tables, with the word on each foreign key whether the source enforces the same. */
export const withMirroredKeys = (tables: readonly MappedTable[]): Layout[] =>
  tables.map(({ layout, source }) => ({
    ...layout,
    foreignKeys: layout.foreignKeys.map((foreignKey) => ({
      ...foreignKey,
      mirrored: isMirrored(foreignKey, layout, source, tables),
    })),
  }));

function isMirrored(
  { to, columns, referencedColumns }: ForeignKeyLayout,
  child: Layout,
  source: TableDescription,
  tables: readonly MappedTable[],
): boolean {
  const parent = tables.find(({ layout }) => quoteTable(layout.target) === quoteTable(to))?.layout;
  // A filter may leave out parents whose children it keeps.
  if (!parent || parent.where !== null) return false;
  const pairs = columns.map((column, index) => [
    carriedAs(child, column),
    carriedAs(parent, referencedColumns[index]!),
  ]);
  if (pairs.flat().includes(null)) return false;
  return source.foreignKeys.some(
    (candidate) =>
      candidate.enforced &&
      quoteTable(candidate.to) === quoteTable(parent.source) &&
      sameSet(
        pairs.map((pair) => JSON.stringify(pair)),
        candidate.columns.map((column, index) =>
          JSON.stringify([column, candidate.referencedColumns[index]]),
        ),
      ),
  );
}

/** The source column that a target column is the copy of; null if its value is computed. */
function carriedAs({ columns }: Layout, target: string): string | null {
  const column = columns.find((candidate) => candidate.target === target);
  return column && column.expression === null && column.reads === undefined ? column.source : null;
}

const sameSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((item) => right.includes(item));
