import { quoteIdentifier } from '../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../core/layout';

/** What a source row, aliased as `t`, becomes in the target: written once, for copier, applier and comparison. */

/** A column's value. */
export const sourceValue = (column: ColumnLayout): string =>
  column.expression === null ? `t.${quoteIdentifier(column.source)}` : `(${column.expression})`;

/** The text that the type's output function writes; a cast of char(n) to text would drop its blanks. NULL becomes ''. */
export const sourceText = (column: ColumnLayout): string => `concat(${sourceValue(column)})`;

/** Whether the row is the target's at all. */
export const sourceFilter = (layout: Layout): string =>
  layout.where === null ? 'true' : `(${layout.where})`;
