import { type ColumnLayout } from '../../../../core/layout';

/** Unnests a column's array in the select list, in step with the others; FROM clauses would store every array once more. */
export const writtenValue = (column: ColumnLayout, index: number): string =>
  column.transport === 'text'
    ? `CAST(unnest(CAST(:c${index} AS text[])) AS ${column.toPlainType})`
    : `unnest(CAST(:c${index} AS ${column.toPlainType}[]))`;
