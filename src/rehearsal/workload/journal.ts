/** The oracle on disk: what writers intend, before they commit it, and what became of it. Outlives a killed process. */
import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import type { AdoptedRow, Transaction } from './oracle';

type Line =
  | { readonly kind: 'adopted'; readonly rows: readonly AdoptedRow[] }
  /** A process started to write. */
  | { readonly kind: 'run' }
  | { readonly kind: 'intent'; readonly transaction: Transaction }
  | { readonly kind: 'lost'; readonly row: LostRow }
  | { readonly kind: 'settled'; readonly number: number; readonly committed: boolean };

/** A row that a writer did not find as it had been acknowledged. */
export interface LostRow {
  readonly writer: number;
  readonly table: string;
  readonly key: readonly string[];
}

export interface Recovered {
  readonly adopted: readonly AdoptedRow[];
  /** Processes that wrote. */
  readonly runs: number;
  /** In the order in which they were intended. */
  readonly intended: readonly Transaction[];
  /** Whether they were committed, by number. */
  readonly outcomes: ReadonlyMap<number, boolean>;
  /** Their COMMIT may have been sent; its response was not received. */
  readonly inDoubt: readonly Transaction[];
  readonly lost: readonly LostRow[];
  /** Greatest number given to a transaction. */
  readonly last: number;
}

export class Journal {
  private handle: number | undefined;

  constructor(private readonly path: string) {}

  /** Null before the first write. An incomplete last line is ignored, because nothing follows from it. */
  read(): Recovered | null {
    if (!existsSync(this.path)) return null;
    const content = readFileSync(this.path);
    const whole = content.subarray(0, content.lastIndexOf('\n') + 1);
    truncateSync(this.path, whole.length);
    const lines = whole
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
    const adopted = lines.find((line) => line.kind === 'adopted');
    if (adopted === undefined) return null;
    const intents = lines.flatMap((line) => (line.kind === 'intent' ? [line.transaction] : []));
    const outcomes = new Map(
      lines.flatMap((line) => (line.kind === 'settled' ? [[line.number, line.committed]] : [])),
    );
    return {
      adopted: adopted.rows,
      runs: lines.filter(({ kind }) => kind === 'run').length,
      intended: intents,
      outcomes,
      inDoubt: intents.filter(({ number }) => !outcomes.has(number)),
      lost: lines.flatMap((line) => (line.kind === 'lost' ? [line.row] : [])),
      last: Math.max(0, ...intents.map(({ number }) => number)),
    };
  }

  adopt(rows: readonly AdoptedRow[]): void {
    this.append({ kind: 'adopted', rows });
  }

  begin(): void {
    this.append({ kind: 'run' });
  }

  /** Before COMMIT is sent. */
  intend(transaction: Transaction): void {
    this.append({ kind: 'intent', transaction });
  }

  settle(number: number, committed: boolean): void {
    this.append({ kind: 'settled', number, committed });
  }

  lose(row: LostRow): void {
    this.append({ kind: 'lost', row });
  }

  close(): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }

  /** Written data has reached the operating system when this returns, and survives this process. */
  private append(line: Line): void {
    this.handle ??= openSync(this.path, 'a', 0o600);
    writeFileSync(this.handle, `${JSON.stringify(line)}\n`);
  }
}
