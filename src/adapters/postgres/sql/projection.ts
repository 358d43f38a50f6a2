import { quoteIdentifier } from '../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../core/layout';

/**
 * The SQL that turns a row that is read into the row that is written, in one place for copier, applier and comparison. `t` must
 * alias the table that is read, not a subquery.
 */

/** Builds a column's value. For the column that carries the texts that a row function reads, it is a JSON array of them. */
export function fromValue(column: Pick<ColumnLayout, 'from' | 'expression' | 'reads'>): string {
  if (column.reads) return column.reads.length === 0 ? 'CAST(NULL AS text)' : readsOf(column.reads);
  return column.expression === null ? ofRow(column.from) : overRow(column.expression);
}

/**
 * Builds the text that the type's output function writes, '' for NULL. A cast to text would drop the blanks of char(n), and
 * would call a cast that the owner of the type has defined.
 */
export const fromText = (column: ColumnLayout): string => `concat(${fromValue(column)})`;

/** Builds the same text, NULL for NULL. */
export const fromTextOrNull = (column: ColumnLayout): string =>
  `CASE WHEN ${fromValue(column)} IS DISTINCT FROM NULL THEN ${fromText(column)} END`;

/** Builds the condition that the filter matches the row; never NULL. */
export const fromFilter = ({ where }: Pick<Layout, 'where'>): string =>
  where === null ? 'true' : `${overRow(where)} IS TRUE`;

const ofRow = (column: string): string => `t.${quoteIdentifier(column)}`;

/** Evaluates an expression where unqualified names can only mean columns of the row that is read. */
const overRow = (expression: string): string => `(SELECT (${expression}) FROM (SELECT t.*) AS t)`;

const readsOf = (reads: readonly string[]): string => {
  const texts = reads.map(
    (column) => `CASE WHEN ${ofRow(column)} IS DISTINCT FROM NULL THEN concat(${ofRow(column)}) END`,
  );
  return `to_json(CAST(ARRAY[${texts.join(', ')}] AS text[]))`;
};
