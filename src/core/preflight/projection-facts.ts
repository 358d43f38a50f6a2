import type { ColumnDescription } from '../catalog';

/** What the source's database says of one expression. */
export interface ExpressionFacts {
  /** What its values are; null if the database does not understand it. */
  readonly value: ColumnDescription | null;
  /** Why it cannot be used, or null. `message` is about the definition's text; of rows there is the SQLSTATE only. */
  readonly refusal:
    | { readonly kind: 'not understood'; readonly sqlState: string; readonly message: string }
    | { readonly kind: 'not immutable' }
    | { readonly kind: 'fails for rows'; readonly sqlState: string }
    | null;
}

/** What was learned of the computed columns and the filter of one mapping, as the source's worker sees them. */
export interface ProjectionFacts {
  /** By target column. */
  readonly expressions: ReadonlyMap<string, ExpressionFacts>;
  /** Null if the mapping has none. */
  readonly filter: ExpressionFacts | null;
  /** Why the row function is refused for some of the source's rows; null if it is not, or if there is none. */
  readonly rowFunction: string | null;
}

/** Rows of a table that expressions and row functions are tried on. */
export const SAMPLE_ROWS = 1_000;
