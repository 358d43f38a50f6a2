import { quoteTable, type TableName } from '../../../../core/identifier';
import type { ColumnLayout } from '../../../../core/layout';
import { SAMPLE_ROWS } from '../../../../core/preflight';

export type Expression = Pick<ColumnLayout, 'expression' | 'from' | 'reads'>;
export const sample = (table: TableName): string =>
  `(SELECT * FROM ${quoteTable(table)} LIMIT ${SAMPLE_ROWS})`;
