import { type ColumnLayout } from '../../../../core/layout';

/** Unnested in the select list, in step: from a FROM clause every array would be stored once more before it is joined. */
export const writtenValue = (column: ColumnLayout, index: number): string =>
  column.transport === 'text'
    ? `CAST(unnest(CAST(:c${index} AS text[])) AS ${column.toPlainType})`
    : `unnest(CAST(:c${index} AS ${column.toPlainType}[]))`;
