import { traitsOf, type Shape } from '../../contract/lifecycle';
import type { TableDescription } from '../../core/catalog';
import type { Mapping } from '../../core/definition/definition';
import { expressionsOf, layoutOf, type Layout } from '../../core/layout';
import type { StatementSize } from '../../core/preflight';
import { applyEachSql, applyRowsSql, applyStagedSql } from './sql/apply';
import { readDirtySql } from './sql/change-log';
import { toKey } from './sql/key';
import { digestSql, orphansSql } from './sql/digest';
import { clearRangeSql, readPageSql, writePageSql } from './sql/page';
import { boundariesSql } from './sql/plan';
import { measureRowSql, moveStagedSql } from './sql/slice';
import { writeBesideSql } from './sql/write-beside';

/** The range with the longest condition. */
const RANGE = { lower: '{}', upper: '{}' };
const SIZE = { rowsMax: 1, groupRows: 1, groupBytesMax: 1, bytesMax: 1 };

/** Statements on one table that grow with its columns. */
const STATEMENTS: Readonly<Record<string, (layout: Layout) => string>> = {
  'reads a page': (layout) => readPageSql({ ...layout, wide: true }, RANGE, '{}', SIZE).sql,
  'writes a page': writePageSql,
  'measures a large row': (layout) => measureRowSql(layout, RANGE, '{}').sql,
  'writes a large row': moveStagedSql,
  'clears a range': (layout) => clearRangeSql(layout, toKey(layout), RANGE).sql,
  'plans the chunks': boundariesSql,
  'compares the source': (layout) => digestSql(layout, 'from', RANGE).sql,
  'compares the target': (layout) => digestSql(layout, 'to', RANGE).sql,
  'looks for orphans': (layout) => orphansSql(layout, RANGE).sql,
};

/** Those of appliers, and of copiers beside them. */
const LIVE_STATEMENTS: typeof STATEMENTS = {
  ...STATEMENTS,
  'writes a page beside appliers': writeBesideSql,
  'reads changed rows': (layout) => readDirtySql({ ...layout, wide: true }),
  'applies changes': applyRowsSql,
  'applies changes row by row': applyEachSql,
  'applies a large row': applyStagedSql,
};

/** The longest of the statements on a mapped table. */
export const longestStatement = (layout: Layout, shape: Shape): StatementSize =>
  Object.entries(traitsOf(shape).capturesChanges ? LIVE_STATEMENTS : STATEMENTS)
    .map(([does, sqlOf]) => ({ does, characters: sqlOf(layout).length }))
    .reduce((longest, next) => (next.characters > longest.characters ? next : longest));

/**
 * The layout whose statements will be sent, but for what an expression gives, which is taken to be what its column is.
 * Null if a mapped column is missing on an end: a check of its own names it.
 */
export function assumedLayout(
  mapping: Mapping,
  source: TableDescription,
  target: TableDescription,
): Layout | null {
  const computed = [...expressionsOf(mapping).keys()];
  const types = target.columns.filter(({ name }) => computed.includes(name));
  try {
    return layoutOf(mapping, source, target, new Map(types.map((column) => [column.name, column])));
  } catch {
    return null;
  }
}
