/** The writers of a workload, and what they know. */
import type { Client } from 'pg';
import type { Side } from '../../contract/sides';
import type { MovedTable } from '../judge/moved-table';
import { drawRows } from './adopt';
import { chooserOf } from './choice';
import { compareAll, type OracleFindings } from './compare';
import { Journal, type Recovered } from './journal';
import { Oracle } from './oracle';
import { Pauses, type Pause } from './pauses';
import { RouteFollower, type AskRoute } from './route';
import { openSession } from './session';
import { outcomeOf } from './settle';
import { describeLive, type LiveTable } from './tables';
import { Tally, type Totals } from './tally';
import type { Workload } from './workload';
import { LiveWriter } from './writer';

export interface LiveOptions {
  readonly workload: Workload;
  readonly tables: readonly MovedTable[];
  /** As the application logs in. */
  readonly urls: Readonly<Record<Side, string>>;
  readonly askRoute: AskRoute;
  /** Where the oracle is kept; what it holds is gone on with. */
  readonly journalPath: string;
  readonly seed: number;
}

export interface Progress extends Totals {
  /** Where the writers write. */
  readonly side: Side;
  readonly pauses: readonly Pause[];
}

export interface Comparison {
  /** The side that takes the writes, against everything that was acknowledged. */
  readonly owner: OracleFindings;
  /** Where that is the target: the source, against what was written there last. */
  readonly source: OracleFindings | null;
  /** Keys whose last write was at the target, by source table, in the order of the key's columns. */
  readonly writtenAtTarget: Readonly<Record<string, readonly (readonly string[])[]>>;
}

const WRITERS = 6;
const NAME = 'sluice-rehearsal-application';

export class LiveWorkload {
  /** Mean pause of a writer, unless the workload says otherwise. */
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
    this.route = new RouteFollower(options.askRoute, this.stopping.signal);
  }

  /** Reads the journal, or draws the initial rows. No writer runs yet. */
  static async open(options: LiveOptions): Promise<LiveWorkload> {
    const live = new LiveWorkload(options);
    await live.begin();
    return live;
  }

  start(): void {
    const { workload, seed } = this.options;
    const choose = chooserOf(workload.actions);
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
        // The oracle does not know any more what it must know.
        .catch((error: unknown) => this.tally.fail(`writer ${writer} gave up: ${String(error)}`)),
    );
    this.writing = Promise.all(writers);
  }

  /** Every transaction is settled when this returns. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.writing;
    this.journal.close();
  }

  progress(): Progress {
    return { ...this.tally.totals(), side: this.route.side, pauses: this.pauses.all(Date.now()) };
  }

  /** After `stop`. */
  async compare(owner: Side): Promise<Comparison> {
    const against = async (side: Side, writtenAt?: Side): Promise<OracleFindings> =>
      this.with(side, async (client) => compareAll(client, await this.tables(side), this.oracle, writtenAt));
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

  private async begin(): Promise<void> {
    await this.route.begin();
    const known = this.journal.read();
    if (known === null) await this.draw();
    else await this.recover(known);
    this.journal.begin();
  }

  private async draw(): Promise<void> {
    const { workload, seed } = this.options;
    const rows = await this.with('source', async (client) =>
      drawRows(client, await this.tables('source'), workload, { writers: this.writers, seed }),
    );
    this.journal.adopt(rows);
    this.oracle.adopt(rows);
  }

  /** State of an earlier process, and the outcome of its open transactions. */
  private async recover(known: Recovered): Promise<void> {
    this.oracle.adopt(known.adopted);
    const outcomes = new Map(known.outcomes);
    for (const transaction of known.inDoubt) {
      const committed = await outcomeOf(transaction, () => this.connect(transaction.side));
      this.tally.count('answersLost');
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

  /** By source table. Failures are not cached, because the target's tables are created while writers run. */
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
      // For a filtered table, the oracle cannot know which rows belong to the target.
      for (const mapping of this.options.tables.filter(({ where }) => where === undefined)) {
        const table = await describeLive(client, side, mapping, keys?.get(mapping.source)?.key);
        tables.set(mapping.source, table);
      }
      return tables;
    });
  }
}
