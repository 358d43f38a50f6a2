/**
 * Watches a migration from outside while it runs. The observer reads both databases and the control table with
 * its own connections, relies only on Sluice's documentation, and shares no code with it.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { filesContaining, plantCanaries } from './canaries';
import { DatabaseReader } from './databases';
import { LedgerReader } from './ledger';
import { LawChecker, type Breach } from './law-checker';

export type { Breach } from './law-checker';

export interface ObserverOptions {
  readonly migration: string;
  readonly controlTable: string;
  /** Variables that point SDK clients at the engine. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** URLs with a superuser's login. */
  readonly urls: { readonly source: string; readonly target: string };
  readonly tables: readonly { readonly source: string; readonly target: string }[];
  /** Logs, histories and payloads: no row data may be in them. */
  readonly directories: readonly string[];
  /** Called with a line for each breach, when it is first seen. */
  readonly note: (line: string) => void;
}

export interface ReportedBreach extends Breach {
  /** Time of the first observation, ISO 8601. */
  readonly at: string;
}

export interface ObserverReport {
  readonly observations: number;
  /** Observations that failed because a database or the control table could not be read. */
  readonly failedObservations: number;
  readonly canaries: number;
  readonly breaches: readonly ReportedBreach[];
}

const PAUSE_MS = 120;
/** Maximum share of time spent observing, so that the observer does not slow the migration down. */
const TIME_SHARE_MAX = 0.2;

export class Observer {
  private readonly laws = new LawChecker();
  private readonly breaches = new Map<string, ReportedBreach>();
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();
  private observations = 0;
  private failedObservations = 0;

  private constructor(
    private readonly options: ObserverOptions,
    private readonly ledger: LedgerReader,
    private readonly source: DatabaseReader,
    private readonly target: DatabaseReader,
    private readonly canaries: readonly string[],
  ) {}

  /** Starts observing. Plants the canaries first, unless the migration has already started. */
  static async start(options: ObserverOptions): Promise<Observer> {
    const { migration, controlTable, environment, urls, tables } = options;
    const ledger = new LedgerReader(migration, controlTable, environment);
    const isNew = (await ledger.read()).record === null;
    const sources = tables.map(({ source }) => source);
    const canaries = isNew ? await plantCanaries(urls.source, sources, Date.now().toString(36)) : [];
    const observer = new Observer(
      options,
      ledger,
      new DatabaseReader(urls.source, migration, 'source', sources),
      new DatabaseReader(
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

  /** Observes a last time, searches the directories for canaries, and returns the report. */
  async stop(): Promise<ObserverReport> {
    this.stopping.abort();
    await this.watching;
    await this.observe();
    for (const directory of this.options.directories.filter((each) => existsSync(each))) {
      for (const file of await filesContaining(directory, this.canaries))
        this.report({ law: 9, description: `row data is in ${relative(directory, file)}` });
    }
    await this.close();
    const { observations, failedObservations } = this;
    return {
      observations,
      failedObservations,
      canaries: this.canaries.length,
      breaches: [...this.breaches.values()],
    };
  }

  /** Stops without a last observation. May be called repeatedly. */
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
      await this.observe();
      const lastedMs = performance.now() - startedMs;
      await sleep(Math.max(PAUSE_MS, lastedMs / TIME_SHARE_MAX - lastedMs), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  private async observe(): Promise<void> {
    try {
      const before = await this.ledger.read();
      const owner = await this.ledger.owner();
      const target = await this.target.read(owner);
      const source = await this.source.read(owner);
      const after = await this.ledger.read();
      for (const breach of this.laws.check({ before, target, source, after })) this.report(breach);
      if (this.canaries.some((canary) => after.text.includes(canary)))
        this.report({ law: 9, description: 'row data is in the control table' });
      this.observations += 1;
    } catch {
      this.failedObservations += 1;
    }
  }

  private report(breach: Breach): void {
    const name = `law ${breach.law}: ${breach.description}`;
    if (this.breaches.has(name)) return;
    const at = new Date().toISOString();
    this.breaches.set(name, { ...breach, at });
    this.options.note(`the observer saw a breach of ${name} (docs/guide/faults.md lists the laws)`);
  }
}
