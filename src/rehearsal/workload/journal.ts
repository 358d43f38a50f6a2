/** The oracle's file: records each transaction before its COMMIT, and then its outcome. Survives a killed process. */
import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import type { AdoptedRow, Transaction } from './oracle';

type Line =
  | { readonly kind: 'adopted'; readonly rows: readonly AdoptedRow[] }
  /** A process started to write. */
  | { readonly kind: 'run' }
  | { readonly kind: 'intent'; readonly transaction: Transaction }
  | { readonly kind: 'lost'; readonly row: LostRow }
  | { readonly kind: 'settled'; readonly number: number; readonly committed: boolean };

/** A row that a writer found different from its acknowledged state. */
export interface LostRow {
  readonly writer: number;
  readonly table: string;
  readonly key: readonly string[];
}

export interface Recovered {
  readonly adopted: readonly AdoptedRow[];
  /** Number of processes that wrote. */
  readonly runs: number;
  /** Transactions in the order of their records. */
  readonly intended: readonly Transaction[];
  /** Whether each transaction was committed, by its number. */
  readonly outcomes: ReadonlyMap<number, boolean>;
  /** Transactions whose COMMIT may have been sent, without a recorded outcome. */
  readonly inDoubt: readonly Transaction[];
  readonly lost: readonly LostRow[];
  /** The highest number of a transaction. */
  readonly last: number;
}

export class Journal {
  private handle: number | undefined;

  constructor(private readonly path: string) {}

  /** Returns null if no process has written. Drops an incomplete last line: no write had followed it. */
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

  recordRun(): void {
    this.append({ kind: 'run' });
  }

  /** Call it before COMMIT is sent. */
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

  /** Hands the line to the operating system before it returns, so that the line survives this process. */
  private append(line: Line): void {
    this.handle ??= openSync(this.path, 'a', 0o600);
    writeFileSync(this.handle, `${JSON.stringify(line)}\n`);
  }
}
