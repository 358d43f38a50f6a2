import type { ColumnDescription } from '../catalog';

/** The source database's findings about one expression. */
export interface ExpressionFacts {
  /** Type of its values; null if the database rejects it. */
  readonly value: ColumnDescription | null;
  /** Why it cannot be used, or null. `message` is about the definition's text; a failure on a row has its SQLSTATE only. */
  readonly refusal:
    | { readonly kind: 'not understood'; readonly sqlState: string; readonly message: string }
    | { readonly kind: 'not immutable' }
    | { readonly kind: 'fails for rows'; readonly sqlState: string }
    | null;
}

/** Findings about the computed columns and the filter of one mapping, as the source's worker sees them. */
export interface ProjectionFacts {
  /** By target column. */
  readonly expressions: ReadonlyMap<string, ExpressionFacts>;
  /** Null if the mapping has none. */
  readonly filter: ExpressionFacts | null;
  /** Why the row function is refused for some of the source's rows; null if it is accepted, or if there is none. */
  readonly rowFunction: string | null;
}

/** Number of rows on which expressions and row functions are tested. */
export const SAMPLE_ROWS = 1_000;
