/** The prepared statements of one session. As sqlx, the service names and keeps them, and closes the one that was used longest ago. */

/** The default of sqlx. */
const STATEMENTS_MAX = 100;

export interface PreparedStatement {
  readonly name: string;
  /** Whether it must be parsed first. */
  readonly isNew: boolean;
  /** The statement to close before. */
  readonly evicted: string | undefined;
}

export class PreparedStatements {
  private readonly names = new Map<string, string>();
  private lastNumber = 0;

  /** Returns the statement to bind. The caller parses a new one, and then calls `keep`. */
  use(text: string, types: readonly string[]): PreparedStatement {
    const key = keyOf(text, types);
    const known = this.names.get(key);
    if (known !== undefined) {
      // The map's order is that of the last use.
      this.names.delete(key);
      this.names.set(key, known);
      return { name: known, isNew: false, evicted: undefined };
    }
    const [oldest] = this.names.size < STATEMENTS_MAX ? [] : this.names;
    if (oldest) this.names.delete(oldest[0]);
    return { name: `sqlx_s_${(this.lastNumber += 1)}`, isNew: true, evicted: oldest?.[1] };
  }

  keep(text: string, types: readonly string[], name: string): void {
    this.names.set(keyOf(text, types), name);
  }
}

const keyOf = (text: string, types: readonly string[]): string => `${types.join(' ')}\n${text}`;
