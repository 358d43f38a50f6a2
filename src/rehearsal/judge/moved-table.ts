/** What the judge must know of a mapping; a definition's tables are such. */
export interface MovedTable {
  /** `schema.table`, as SQL would write it. */
  readonly source: string;
  readonly target: string;
  /** Source columns. @default the source's primary key */
  readonly key?: readonly string[];
  /** Target column → source column, where the names differ. */
  readonly columns: Readonly<Record<string, string>>;
  /** Source columns that stay behind. */
  readonly omit: readonly string[];
}
