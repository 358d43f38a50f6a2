import type { TableDescription } from '../catalog';
import { quoteTable } from '../identifier';
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
function isShared(foreignKey: ForeignKeyLayout, child: Layout, from: TableDescription): boolean {
  const { references, columns, referencedColumns } = foreignKey;
  const pairs = columns.map((column, index) => [carriedAs(child, column), referencedColumns[index]]);
  return isEnforced(from, foreignKey, quoteTable(references), pairs);
}

function isMirrored(
  foreignKey: ForeignKeyLayout,
  child: Layout,
  from: TableDescription,
  tables: readonly MappedTable[],
): boolean {
  const { references, columns, referencedColumns } = foreignKey;
  const parent = tables.find(({ layout }) => quoteTable(layout.to) === quoteTable(references))?.layout;
  // A filter may exclude parents whose children are included.
  if (!parent || parent.where !== null) return false;
  const pairs = columns.map((column, index) => [
    carriedAs(child, column),
    carriedAs(parent, referencedColumns[index]!),
  ]);
  if (pairs.flat().includes(null)) return false;
  return isEnforced(from, foreignKey, quoteTable(parent.from), pairs);
}

/**
 * Whether a table has an enforced foreign key with these pairs of a column and the referenced column, which compares them by the
 * same operators. One of a single partition says nothing about the other side's rows, nor does any about a single partition
 * of the parent.
 */
const isEnforced = (
  from: TableDescription,
  { comparisons, toPartition }: ForeignKeyLayout,
  parent: string,
  pairs: readonly (readonly unknown[])[],
): boolean =>
  toPartition === null &&
  from.foreignKeys.some(
    (candidate) =>
      candidate.enforced &&
      candidate.ofPartition === null &&
      quoteTable(candidate.to) === parent &&
      sameSet(
        pairs.map((pair, index) => JSON.stringify([...pair, comparisons[index]!.operator])),
        candidate.columns.map((column, index) =>
          JSON.stringify([
            column,
            candidate.referencedColumns[index],
            candidate.comparisons[index]!.operator,
          ]),
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
