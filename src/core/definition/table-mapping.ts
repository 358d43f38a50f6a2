import type { RowFunction } from './row-function';

export interface Chunking {
  /** Rows that a chunk should hold; boundaries are sampled, so chunks vary. @default 50000 */
  readonly rows?: number;
  /** A NOT NULL source column (usually a time) that leads the key order of the chunks. @default the key alone */
  readonly by?: string;
}

/**
 * SQL over one source row, which names that table's columns by their bare names, and functions and types outside of
 * pg_catalog with their schema. Immutable: the row alone decides. No subqueries, aggregates or comments.
 */
export interface SqlExpression {
  readonly sql: string;
}

export interface TableMapping {
  /** `schema.table`, as SQL would write it. */
  readonly source: string;
  /** `schema.table`, as SQL would write it. */
  readonly target: string;
  /** Source columns of a unique, not-null key. @default the primary key */
  readonly key?: readonly string[];
  /**
   * Target column → the source column, or the expression, that it comes from. @default every source column goes to the
   * target column of its name
   */
  readonly columns?: Readonly<Record<string, string | SqlExpression>>;
  /** Source columns that stay behind; expressions, the filter and the row function may still read them. @default none */
  readonly omit?: readonly string[];
  /**
   * A boolean SQL expression over the source row, under the rules of {@link SqlExpression}: only rows for which it is true
   * are the target's. @default all rows
   */
  readonly where?: string;
  /** For what SQL cannot say. @default none */
  readonly rowFunction?: RowFunction;
  readonly chunking?: Chunking;
  /** `replace`: the target may hold rows and is made equal to the source; an abort cannot bring them back. @default 'refuse' */
  readonly existingRows?: 'refuse' | 'replace';
}

export interface Mapping extends TableMapping {
  readonly columns: Readonly<Record<string, string | SqlExpression>>;
  readonly omit: readonly string[];
  readonly chunking: Chunking & { readonly rows: number };
  readonly existingRows: 'refuse' | 'replace';
}
