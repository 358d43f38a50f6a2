/** The facts of a mapping that the judge uses. The tables of a definition have them. */
export interface MovedTable {
  /** `schema.table`, as SQL would write it. */
  readonly source: string;
  readonly target: string;
  /** Source columns. @default the source's primary key */
  readonly key?: readonly string[];
  /** Target column → source column if the names differ, or SQL over the source row. */
  readonly columns: Readonly<Record<string, string | { readonly sql: string }>>;
  /** Source columns that are not moved. */
  readonly omit: readonly string[];
  /** SQL over the source row: only rows for which it is true move. */
  readonly where?: string;
  readonly rowFunction?: RowFunction;
}

/** Computes texts of target columns from texts of source columns, where SQL cannot. */
export interface RowFunction {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  apply(this: void, row: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>>;
}

/** Target column → the SQL that computes it at the source. */
export const expressionsOf = ({ columns }: MovedTable): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(columns).flatMap(([to, from]) =>
      typeof from === 'string' ? [] : [[to, from.sql] as const],
    ),
  );

/** Source column → target column, for renamed columns. */
export const renamesOf = ({ columns }: MovedTable): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(columns).flatMap(([to, from]) => (typeof from === 'string' ? [[from, to] as const] : [])),
  );

/** Whether a source column is copied unchanged: neither omitted, nor replaced by a computed column. */
export function isCopiedUnchanged(table: MovedTable, column: string): boolean {
  const { reads = [], writes = [] } = table.rowFunction ?? {};
  if (table.omit.includes(column)) return false;
  if (renamesOf(table).has(column)) return true;
  return !expressionsOf(table).has(column) && !(reads.includes(column) && writes.includes(column));
}
