import { quoteIdentifier } from '../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../core/layout';

/**
 * How SQL turns a row that is read into the row that is written: in one place, for copier, applier and comparison. `t` must be
 * the table that is read itself.
 */

/** A column's value; of the column that carries what the row function reads, a JSON array of texts. */
export function fromValue(column: Pick<ColumnLayout, 'from' | 'expression' | 'reads'>): string {
  if (column.reads) return column.reads.length === 0 ? 'CAST(NULL AS text)' : readsOf(column.reads);
  return column.expression === null ? ofRow(column.from) : overRow(column.expression);
}

/** The text that the type's output function writes; a cast of char(n) to text would drop its blanks. NULL becomes ''. */
export const fromText = (column: ColumnLayout): string => `concat(${fromValue(column)})`;

/** Whether the row travels at all; never NULL. */
export const fromFilter = ({ where }: Pick<Layout, 'where'>): string =>
  where === null ? 'true' : `${overRow(where)} IS TRUE`;

const ofRow = (column: string): string => `t.${quoteIdentifier(column)}`;

/** Bare names are the columns of the row that is read and nothing else's, whatever is in scope around it. */
const overRow = (expression: string): string => `(SELECT (${expression}) FROM (SELECT t.*) AS t)`;

const readsOf = (reads: readonly string[]): string => {
  const texts = reads.map(
    (column) => `CASE WHEN ${ofRow(column)} IS DISTINCT FROM NULL THEN concat(${ofRow(column)}) END`,
  );
  return `to_json(CAST(ARRAY[${texts.join(', ')}] AS text[]))`;
};
