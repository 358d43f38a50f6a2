import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import type { Layout } from '../../../core/layout';
import type { KeyRange } from '../../../core/ports';

/** The table of one end of a mapping, aliased as `t`, and its key in chunk order. */
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

/** Lists the typed columns, `t."a", t."b"`; ordering by their text would skip rows. */
export const keyColumns = (side: KeySide): string =>
  side.columns.map((column) => `t.${quoteIdentifier(column.name)}`).join(', ');

/**
 * Builds the key of one row as the text of a text array. Keys are sent in this form, and only databases interpret them.
 * `concat` uses the types' output functions; a cast to text would call what the owner of a type has defined as its cast.
 */
export const keyText = (side: KeySide): string =>
  `ARRAY[${side.columns.map((column) => `concat(t.${quoteIdentifier(column.name)})`).join(', ')}]::text`;

/** Compares the key with the one in parameter `name`, under the key's own types and collations. */
export function keyCompare(side: KeySide, operator: '>=' | '>' | '<' | '=', name: string): string {
  const bounds = side.columns.map(
    (column, index) => `CAST((CAST(:${name} AS text[]))[${index + 1}] AS ${column.type})`,
  );
  if (side.columns.length === 1) return `${keyColumns(side)} ${operator} ${bounds[0]}`;
  return `(${keyColumns(side)}) ${operator} (${bounds.join(', ')})`;
}

/** Builds the condition and parameters of a half-open range; `after` replaces the lower bound and excludes its key. */
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
