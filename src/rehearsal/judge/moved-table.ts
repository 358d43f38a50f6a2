/** A mapping as the judge needs it; tables of a definition have this form. */
export interface MovedTable {
  /** `schema.table`, as SQL would write it. */
  readonly source: string;
  readonly target: string;
  /** Source columns. @default the source's primary key */
  readonly key?: readonly string[];
  /** Target column → source column, where the names differ; or SQL over the source row. */
  readonly columns: Readonly<Record<string, string | { readonly sql: string }>>;
  /** Source columns that are not moved. */
  readonly omit: readonly string[];
  /** SQL over the source row: only rows for which it is true move. */
  readonly where?: string;
  readonly rowFunction?: RowFunction;
}

/** Computation outside SQL: from texts of source columns to texts of target columns. */
export interface RowFunction {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  apply(this: void, row: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>>;
}

/** Target column → SQL of those that the source computes. */
export const expressionsOf = ({ columns }: MovedTable): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(columns).flatMap(([to, from]) =>
      typeof from === 'string' ? [] : [[to, from.sql] as const],
    ),
  );

/** Source column → target column, where a source column gets another name. */
export const renamesOf = ({ columns }: MovedTable): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(columns).flatMap(([to, from]) => (typeof from === 'string' ? [[from, to] as const] : [])),
  );

/** Whether a source column moves unchanged: not if it is omitted, or replaced by a computed column. */
export function movesAsItIs(table: MovedTable, column: string): boolean {
  const { reads = [], writes = [] } = table.rowFunction ?? {};
  if (table.omit.includes(column)) return false;
  if (renamesOf(table).has(column)) return true;
  return !expressionsOf(table).has(column) && !(reads.includes(column) && writes.includes(column));
}
