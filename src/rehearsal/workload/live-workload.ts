/** Runs the writers of a workload, and compares the databases with what they wrote. */
import type { Client } from 'pg';
import type { Side } from '../../contract/sides';
import type { MovedTable } from '../judge/moved-table';
import { sampleRows } from './sample-rows';
import { createActionChooser } from './action-chooser';
import { compareWithOracle, type OracleFindings } from './compare';
import { Journal, type Recovered } from './journal';
import { Oracle } from './oracle';
import { Pauses, type Pause } from './pauses';
import { RouteFollower, type ReadRoute } from './route';
import { openSession } from './session';
import { readOutcome } from './read-outcome';
import { describeLiveTable, type LiveTable } from './tables';
import { Tally, type Totals } from './tally';
import type { Workload } from './workload';
import { LiveWriter } from './writer';

export interface LiveOptions {
  readonly workload: Workload;
  readonly tables: readonly MovedTable[];
  /** URLs with the application's login. */
  readonly urls: Readonly<Record<Side, string>>;
  readonly readRoute: ReadRoute;
  /** The oracle's file. If it exists, the writers continue from it. */
  readonly journalPath: string;
  readonly seed: number;
}

export interface Progress extends Totals {
  /** The side that the writers write to. */
  readonly side: Side;
  readonly pauses: readonly Pause[];
}

export interface Comparison {
  /** The side that takes writes, compared with every acknowledged write. */
  readonly owner: OracleFindings;
  /** The source, compared with the rows last written there; null unless the target takes writes. */
  readonly source: OracleFindings | null;
  /** Keys whose last write was at the target, by source table, in the order of the key's columns. */
  readonly writtenAtTarget: Readonly<Record<string, readonly (readonly string[])[]>>;
}

const WRITERS = 6;
const NAME = 'sluice-rehearsal-application';

export class LiveWorkload {
  /** Mean pause of a writer, unless the workload sets its own. */
  static readonly PAUSE_MS = 25;
  private readonly described = new Map<Side, Promise<ReadonlyMap<string, LiveTable>>>();
  private readonly stopping = new AbortController();
  private readonly route: RouteFollower;
  private readonly oracle: Oracle;
  private readonly journal: Journal;
  private readonly pauses = new Pauses();
  private readonly tally = new Tally();
  private writing: Promise<unknown> = Promise.resolve();
  private number = 0;
  private run = 1;

  private constructor(private readonly options: LiveOptions) {
    this.oracle = new Oracle(this.writers);
    this.journal = new Journal(options.journalPath);
    this.route = new RouteFollower(options.readRoute, this.stopping.signal);
  }

  /** Reads the journal, or samples the initial rows. Does not start the writers. */
  static async open(options: LiveOptions): Promise<LiveWorkload> {
    const live = new LiveWorkload(options);
    await live.initialize();
    return live;
  }

  start(): void {
    const { workload, seed } = this.options;
    const choose = createActionChooser(workload.actions);
    const writers = Array.from({ length: this.writers }, (_, writer) =>
      new LiveWriter({
        ...{ writer, run: this.run, seed, choose, stopped: this.stopping.signal },
        ...{ oracle: this.oracle, journal: this.journal, tally: this.tally },
        ...{ route: this.route, pauses: this.pauses },
        pauseMs: workload.pauseMs ?? LiveWorkload.PAUSE_MS,
        connect: (side) => this.connect(side),
        tables: (side) => this.tables(side),
        nextNumber: () => (this.number += 1),
      })
        .write()
        // Without the outcome of a transaction, the oracle is incomplete.
        .catch((error: unknown) => this.tally.fail(`writer ${writer} stopped: ${String(error)}`)),
    );
    this.writing = Promise.all(writers);
  }

  /** Stops the writers. When it returns, the outcome of every transaction is known. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.writing;
    this.journal.close();
  }

  progress(): Progress {
    return { ...this.tally.totals(), side: this.route.side, pauses: this.pauses.all(Date.now()) };
  }

  /** Call it after `stop`. */
  async compare(owner: Side): Promise<Comparison> {
    const against = async (side: Side, writtenAt?: Side): Promise<OracleFindings> =>
      this.with(side, async (client) =>
        compareWithOracle(client, await this.tables(side), this.oracle, writtenAt),
      );
    const tables = await this.tables('source');
    return {
      owner: await against(owner),
      source: owner === 'target' ? await against('source', 'source') : null,
      writtenAtTarget: Object.fromEntries(
        [...tables.keys()].map((table) => [
          table,
          this.oracle
            .expectations(table)
            .filter(({ side }) => side === 'target')
            .map(({ key }) => key),
        ]),
      ),
    };
  }

  private get writers(): number {
    return this.options.workload.writers ?? WRITERS;
  }

  private async initialize(): Promise<void> {
    await this.route.readFirst();
    const known = this.journal.read();
    if (known === null) await this.sample();
    else await this.recover(known);
    this.journal.recordRun();
  }

  private async sample(): Promise<void> {
    const { workload, seed } = this.options;
    const rows = await this.with('source', async (client) =>
      sampleRows(client, await this.tables('source'), workload, { writers: this.writers, seed }),
    );
    this.journal.adopt(rows);
    this.oracle.adopt(rows);
  }

  /** Restores the oracle of an earlier process, and reads the outcomes of its unsettled transactions. */
  private async recover(known: Recovered): Promise<void> {
    this.oracle.adopt(known.adopted);
    const outcomes = new Map(known.outcomes);
    for (const transaction of known.inDoubt) {
      const committed = await readOutcome(transaction, () => this.connect(transaction.side));
      this.tally.count('responsesLost');
      this.journal.settle(transaction.number, committed);
      outcomes.set(transaction.number, committed);
    }
    for (const transaction of known.intended) {
      if (outcomes.get(transaction.number)) this.oracle.commit(transaction);
      else this.oracle.undo(transaction.side, transaction.effects);
    }
    for (const { writer, table, key } of known.lost) this.oracle.lose(writer, table, key);
    this.number = known.last;
    this.run = known.runs + 1;
  }

  private connect(side: Side): Promise<Client> {
    return openSession(this.options.urls[side], NAME);
  }

  private async with<T>(side: Side, work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.connect(side);
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Returns tables by source name. A failed read is retried, because the target's tables are created during the run. */
  private tables(side: Side): Promise<ReadonlyMap<string, LiveTable>> {
    const known = this.described.get(side) ?? this.describe(side);
    this.described.set(side, known);
    known.catch(() => this.described.delete(side));
    return known;
  }

  private async describe(side: Side): Promise<ReadonlyMap<string, LiveTable>> {
    const keys = side === 'source' ? undefined : await this.tables('source');
    return this.with(side, async (client) => {
      const tables = new Map<string, LiveTable>();
      // The oracle cannot tell which rows of a filtered table belong to the target.
      for (const mapping of this.options.tables.filter(({ where }) => where === undefined)) {
        const table = await describeLiveTable(client, side, mapping, keys?.get(mapping.source)?.key);
        tables.set(mapping.source, table);
      }
      return tables;
    });
  }
}
