import { traitsOf, type Shape } from '../../contract/lifecycle';
import type { TableDescription } from '../../core/catalog';
import type { Mapping } from '../../core/definition/definition';
import { expressionsOf, layoutOf, type Layout } from '../../core/layout';
import type { StatementSize } from '../../core/preflight';
import { versioned } from './installed-version';
import { applyEachSql } from './sql/apply/apply-each';
import { applyRowsSql } from './sql/apply/apply-rows';
import { applyStagedSql } from './sql/apply/apply-staged';
import { readDirtySql } from './sql/change-log/read-dirty';
import { toKey } from './sql/key';
import { digestSql } from './sql/digest/digest';
import { orphansSql } from './sql/digest/orphans';
import { clearRangeSql } from './sql/page/clear-range';
import { readPageSql } from './sql/page/read-page';
import { writePageSql } from './sql/page/write-page';
import { boundariesSql } from './sql/plan/boundaries';
import { measureRowSql } from './sql/slice/measure-row';
import { moveStagedSql } from './sql/slice/move-staged';
import { writeAbsentRowsSql } from './sql/page/write-absent-rows';

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
  'counts orphans': (layout) => orphansSql(layout, RANGE).sql,
};

/** These, and the statements of appliers and of copiers that run concurrently with them. */
const LIVE_STATEMENTS: typeof STATEMENTS = {
  ...STATEMENTS,
  'writes a page concurrently with appliers': writeAbsentRowsSql,
  'reads changed rows': (layout) => readDirtySql({ ...layout, wide: true }),
  'applies changes': applyRowsSql,
  'applies changes row by row': applyEachSql,
  'applies a large row': applyStagedSql,
};

/** Builds every statement on a mapped table that grows with its columns, each with a description of what it does. */
export const statementsOn = (layout: Layout, shape: Shape): (readonly [does: string, sql: string])[] =>
  Object.entries(traitsOf(shape).capturesChanges ? LIVE_STATEMENTS : STATEMENTS).map(
    ([does, sqlOf]) => [does, sqlOf(layout)] as const,
  );

/** Measures the longest of the statements on a mapped table. */
export const longestStatement = (layout: Layout, shape: Shape): StatementSize =>
  statementsOn(layout, shape)
    .map(([does, sql]) => ({ does, characters: versioned(sql).length }))
    .reduce((longest, next) => (next.characters > longest.characters ? next : longest));

/**
 * Builds the layout that the statements will use, assuming that each expression has the type of its column. Null if a mapped
 * column is missing at an end, which another check reports.
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
