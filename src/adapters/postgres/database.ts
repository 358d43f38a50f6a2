/** The value of a parameter. Strings are sent as text: cast them in the statement. */
export type Value = string | number | boolean | null;

/** One row of a result, by column label. Numbers are integers below 2^53; other values are text, so that nothing is lost. */
export type Row = Readonly<Record<string, Value>>;

export type Parameters = Readonly<Record<string, Value>>;

/** A connection to one database with one login. */
export interface Database {
  /** Runs one autocommitted statement once: resolving an ambiguous outcome is up to the caller. */
  query(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** Runs statements in one transaction that is always rolled back. */
  rehearse<T>(work: (database: Pick<Database, 'query'>) => Promise<T>): Promise<T>;
}
