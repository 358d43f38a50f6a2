/**
 * Watches a migration from outside, throughout: reads both databases and the control table with connections of its own,
 * knows of Sluice what its documentation says, and shares no code with it.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { filesThatHold, plantCanaries } from './canaries';
import { DatabaseEye } from './databases';
import { LedgerEye } from './ledger';
import { Laws, type Breach } from './laws';

export type { Breach } from './laws';

export interface ObserverOptions {
  readonly migration: string;
  readonly controlTable: string;
  /** Variables that point SDK clients at the engine. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A superuser's. */
  readonly urls: { readonly source: string; readonly target: string };
  readonly tables: readonly { readonly source: string; readonly target: string }[];
  /** Logs, histories and payloads: no row data may be in them. */
  readonly directories: readonly string[];
  /** Called when a breach is first seen. */
  readonly note: (line: string) => void;
}

export interface SeenBreach extends Breach {
  /** When it was first seen, ISO 8601. */
  readonly at: string;
}

export interface Observation {
  readonly looks: number;
  /** Checks in which a database or the control table did not respond. */
  readonly blind: number;
  readonly canaries: number;
  readonly breaches: readonly SeenBreach[];
}

const PAUSE_MS = 120;
/** Of the time; the rest is the migration's. */
const SHARE = 0.2;

export class Observer {
  private readonly laws = new Laws();
  private readonly breaches = new Map<string, SeenBreach>();
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();
  private looks = 0;
  private blind = 0;

  private constructor(
    private readonly options: ObserverOptions,
    private readonly ledger: LedgerEye,
    private readonly source: DatabaseEye,
    private readonly target: DatabaseEye,
    private readonly canaries: readonly string[],
  ) {}

  /** Starts to watch. Before the migration starts, it plants values that must be recognised. */
  static async start(options: ObserverOptions): Promise<Observer> {
    const { migration, controlTable, environment, urls, tables } = options;
    const ledger = new LedgerEye(migration, controlTable, environment);
    const isFresh = (await ledger.look()).record === null;
    const sources = tables.map(({ source }) => source);
    const canaries = isFresh ? await plantCanaries(urls.source, sources, Date.now().toString(36)) : [];
    const observer = new Observer(
      options,
      ledger,
      new DatabaseEye(urls.source, migration, 'source', sources),
      new DatabaseEye(
        urls.target,
        migration,
        'target',
        tables.map(({ target }) => target),
      ),
      canaries,
    );
    observer.watching = observer.watch();
    return observer;
  }

  /** Looks a last time, also into files, and says what was seen. */
  async stop(): Promise<Observation> {
    this.stopping.abort();
    await this.watching;
    await this.look();
    for (const directory of this.options.directories.filter((each) => existsSync(each))) {
      for (const file of await filesThatHold(directory, this.canaries))
        this.breach({ law: 9, what: `row data is in ${relative(directory, file)}` });
    }
    await this.close();
    const { looks, blind } = this;
    return { looks, blind, canaries: this.canaries.length, breaches: [...this.breaches.values()] };
  }

  /** Ends without a last look. Harmless if it has ended. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.watching;
    await Promise.all([this.source.close(), this.target.close()]);
    this.ledger.close();
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const startedMs = performance.now();
      await this.look();
      const lastedMs = performance.now() - startedMs;
      await sleep(Math.max(PAUSE_MS, lastedMs / SHARE - lastedMs), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  private async look(): Promise<void> {
    try {
      const before = await this.ledger.look();
      const target = await this.target.look();
      const source = await this.source.look();
      const after = await this.ledger.look();
      for (const breach of this.laws.judge({ before, target, source, after })) this.breach(breach);
      if (this.canaries.some((canary) => after.text.includes(canary)))
        this.breach({ law: 9, what: 'row data is in the control table' });
      this.looks += 1;
    } catch {
      this.blind += 1;
    }
  }

  private breach(breach: Breach): void {
    const name = `law ${breach.law}: ${breach.what}`;
    if (this.breaches.has(name)) return;
    const at = new Date().toISOString();
    this.breaches.set(name, { ...breach, at });
    this.options.note(`the observer saw a breach of ${name}`);
  }
}
