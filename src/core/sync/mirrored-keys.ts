import type { TableDescription } from '../catalog';
import { quoteTable, type TableName } from '../identifier';
import type { ForeignKeyLayout, Layout } from '../layout';

export interface MappedTable {
  readonly layout: Layout;
  readonly from: TableDescription;
}

/**
 * Layouts of all mapped tables, with each foreign key marked if the sending side enforces it too.
 * @param oneDatabase whether both ends may reference the same table that is not mapped
 */
export const withMirroredKeys = (tables: readonly MappedTable[], oneDatabase: boolean): Layout[] =>
  tables.map(({ layout, from }) => ({
    ...layout,
    foreignKeys: layout.foreignKeys.map((foreignKey) => ({
      ...foreignKey,
      mirrored:
        isMirrored(foreignKey, layout, from, tables) || (oneDatabase && isShared(foreignKey, layout, from)),
    })),
  }));

/** Whether the sending table's rows reference the same rows of the same table, which is not mapped. */
function isShared(
  { references, columns, referencedColumns }: ForeignKeyLayout,
  child: Layout,
  from: TableDescription,
): boolean {
  const pairs = columns.map((column, index) => [carriedAs(child, column), referencedColumns[index]]);
  return isEnforced(from, references, pairs);
}

function isMirrored(
  { references, columns, referencedColumns }: ForeignKeyLayout,
  child: Layout,
  from: TableDescription,
  tables: readonly MappedTable[],
): boolean {
  const parent = tables.find(({ layout }) => quoteTable(layout.to) === quoteTable(references))?.layout;
  // A filter may exclude parents whose children are included.
  if (!parent || parent.where !== null) return false;
  const pairs = columns.map((column, index) => [
    carriedAs(child, column),
    carriedAs(parent, referencedColumns[index]!),
  ]);
  if (pairs.flat().includes(null)) return false;
  return isEnforced(from, parent.from, pairs);
}

/** Whether a table has an enforced foreign key with these pairs of a column and the referenced column. */
const isEnforced = (from: TableDescription, parent: TableName, pairs: readonly unknown[]): boolean =>
  from.foreignKeys.some(
    (candidate) =>
      candidate.enforced &&
      quoteTable(candidate.to) === quoteTable(parent) &&
      sameSet(
        pairs.map((pair) => JSON.stringify(pair)),
        candidate.columns.map((column, index) =>
          JSON.stringify([column, candidate.referencedColumns[index]]),
        ),
      ),
  );

/** The source column of a copied column; null if its value is computed. */
function carriedAs({ columns }: Layout, written: string): string | null {
  const column = columns.find((candidate) => candidate.to === written);
  return column && column.expression === null && column.reads === undefined ? column.from : null;
}

const sameSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((item) => right.includes(item));
