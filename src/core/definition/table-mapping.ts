import type { RowFunction } from './row-function';

export interface Chunking {
  /** Rows that a chunk should have; boundaries are sampled, so sizes vary. @default 50000 */
  readonly rows?: number;
  /** A NOT NULL source column (usually a time) by which chunks are ordered first, then by the key. @default the key alone */
  readonly by?: string;
}

/**
 * An SQL expression over one source row. It names columns without a table name, and functions and types outside pg_catalog
 * with their schema. It must be immutable, and may not contain subqueries, aggregates or comments.
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
   * Target column → source column or expression that gives its value. @default every source column goes to the target column
   * with its name
   */
  readonly columns?: Readonly<Record<string, string | SqlExpression>>;
  /** Source columns that are not moved; expressions, the filter and the row function may still read them. @default none */
  readonly omit?: readonly string[];
  /**
   * A boolean SQL expression over the source row, under the rules of {@link SqlExpression}. Only rows for which it is true are
   * moved. @default all rows
   */
  readonly where?: string;
  /** Computes columns that SQL cannot express. @default none */
  readonly rowFunction?: RowFunction;
  readonly chunking?: Chunking;
  /** `replace`: the target's rows are replaced by the source's, and an abort cannot restore them. @default 'refuse' */
  readonly existingRows?: 'refuse' | 'replace';
}

/** A mapping with its defaults filled in. */
export interface Mapping extends TableMapping {
  readonly columns: Readonly<Record<string, string | SqlExpression>>;
  readonly omit: readonly string[];
  readonly chunking: Chunking & { readonly rows: number };
  readonly existingRows: 'refuse' | 'replace';
}
