import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from './history';
import type { ExecutionRecord, MapRunRecord, Outcome } from './records';

type Line =
  | { kind: 'execution'; record: Omit<ExecutionRecord, 'events' | 'outcome'> }
  | { kind: 'event'; executionArn: string; event: HistoryEvent }
  | { kind: 'closed'; executionArn: string; outcome: Outcome }
  | { kind: 'redriven'; executionArn: string; redriveCount: number; redriveMs: number }
  | { kind: 'mapRun'; record: MapRunRecord };

export type StoredExecution = ExecutionRecord & { readonly events: HistoryEvent[] };

export interface Stored {
  readonly executions: StoredExecution[];
  readonly mapRuns: MapRunRecord[];
}

/** Keeps executions across restarts of the engine. */
export interface Store {
  load(): Stored;
  append(line: Line): void;
  close(): void;
}

export const memoryStore: Store = {
  load: () => ({ executions: [], mapRuns: [] }),
  append: () => undefined,
  close: () => undefined,
};

const FILE = /^executions-(\d{6})\.jsonl$/;

/**
 * Stores JSON lines, in a new file for each start of the engine. Because only one engine writes to a file, a line that
 * was truncated by a kill is always the last line of its file.
 */
export class FileStore implements Store {
  private file: number | undefined;

  constructor(private readonly directory: string) {}

  load(): Stored {
    const executions = new Map<string, StoredExecution>();
    const mapRuns = new Map<string, MapRunRecord>();
    for (const line of this.files().flatMap((file) => readLines(join(this.directory, file)))) {
      if (line.kind === 'execution') executions.set(line.record.executionArn, { ...line.record, events: [] });
      if (line.kind === 'event') executions.get(line.executionArn)?.events.push(line.event);
      if (line.kind === 'mapRun') mapRuns.set(line.record.mapRunArn, line.record);
      const closed = line.kind === 'closed' ? executions.get(line.executionArn) : undefined;
      if (line.kind === 'closed' && closed) closed.outcome = line.outcome;
      const redriven = line.kind === 'redriven' ? executions.get(line.executionArn) : undefined;
      if (line.kind === 'redriven' && redriven) {
        const { redriveCount, redriveMs } = line;
        Object.assign(redriven, { outcome: undefined, redriveCount, redriveMs });
      }
    }
    return { executions: [...executions.values()], mapRuns: [...mapRuns.values()] };
  }

  append(line: Line): void {
    this.file ??= this.open();
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    for (let written = 0; written < bytes.length;) written += writeSync(this.file, bytes, written);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private open(): number {
    mkdirSync(this.directory, { recursive: true });
    const last = Number(FILE.exec(this.files().at(-1) ?? '')?.[1] ?? 0);
    const name = `executions-${String(last + 1).padStart(6, '0')}.jsonl`;
    return openSync(join(this.directory, name), 'ax');
  }

  private files(): string[] {
    return existsSync(this.directory)
      ? readdirSync(this.directory)
          .filter((name) => FILE.test(name))
          .sort()
      : [];
  }
}

function readLines(path: string): Line[] {
  const texts = readFileSync(path, 'utf8').split('\n');
  // Text after the last line break is empty, or a line that was truncated by a kill.
  texts.pop();
  return texts.map((text, index) => {
    try {
      return JSON.parse(text) as Line;
    } catch {
      throw new Error(
        `${path}, line ${index + 1} is damaged: it is not valid JSON. Restore the file, or delete it to discard its executions.`,
      );
    }
  });
}
