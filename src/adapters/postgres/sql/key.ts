import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import type { Layout } from '../../../core/layout';
import type { KeyRange } from '../../../core/ports';

/** One end of a mapping, as the statements see it: its table, its key in chunk order, aliased as `t`. */
export interface KeySide {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export const fromKey = (layout: Layout): KeySide => ({
  table: quoteTable(layout.from),
  columns: layout.key.map((column) => ({ name: column.from, type: column.fromType })),
});

export const toKey = (layout: Layout): KeySide => ({
  table: quoteTable(layout.to),
  columns: layout.key.map((column) => ({ name: column.to, type: column.toType })),
});

/** `t."a", t."b"`: the typed columns; ordering by their text would skip rows. */
export const keyColumns = (side: KeySide): string =>
  side.columns.map((column) => `t.${quoteIdentifier(column.name)}`).join(', ');

/** The key of one row as the text of a text array: how keys travel, opaque to everything but the database. */
export const keyText = (side: KeySide): string =>
  `ARRAY[${side.columns.map((column) => `t.${quoteIdentifier(column.name)}::text`).join(', ')}]::text`;

/** Compares the key with the one in parameter `name`, under the key's own types and collations. */
export function keyCompare(side: KeySide, operator: '>=' | '>' | '<' | '=', name: string): string {
  const bounds = side.columns.map(
    (column, index) => `CAST((CAST(:${name} AS text[]))[${index + 1}] AS ${column.type})`,
  );
  if (side.columns.length === 1) return `${keyColumns(side)} ${operator} ${bounds[0]}`;
  return `(${keyColumns(side)}) ${operator} (${bounds.join(', ')})`;
}

/** Condition and parameters of a half-open range; `after` replaces the lower bound, excluding its key. */
export function rangeCondition(
  side: KeySide,
  range: KeyRange,
  after: string | null = null,
): { condition: string; parameters: Record<string, string> } {
  const conditions: string[] = [];
  const parameters: Record<string, string> = {};
  if (after !== null) {
    conditions.push(keyCompare(side, '>', 'after'));
    parameters.after = after;
  } else if (range.lower !== null) {
    conditions.push(keyCompare(side, '>=', 'lower'));
    parameters.lower = range.lower;
  }
  if (range.upper !== null) {
    conditions.push(keyCompare(side, '<', 'upper'));
    parameters.upper = range.upper;
  }
  return { condition: conditions.length === 0 ? 'true' : conditions.join(' AND '), parameters };
}
