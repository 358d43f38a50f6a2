/** A writer: runs one transaction after another on a connection, and learns the outcome of each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Side } from '../../contract/sides';
import type { Choice } from './action-chooser';
import { classifyFailure, describeFailure } from './failure';
import type { Journal } from './journal';
import type { Oracle } from './oracle';
import type { Pauses } from './pauses';
import { createRandom } from './random';
import type { RouteFollower } from './route';
import { readOutcome, OutcomeUnknown } from './read-outcome';
import type { LiveTable } from './tables';
import type { Tally } from './tally';
import { LiveTransaction, RowLost } from './transaction';

export interface WriterProps {
  readonly writer: number;
  /** Number of the process, from 1. */
  readonly run: number;
  readonly seed: number;
  readonly pauseMs: number;
  readonly choose: (fraction: number) => Choice;
  readonly connect: (side: Side) => Promise<Client>;
  readonly tables: (side: Side) => Promise<ReadonlyMap<string, LiveTable>>;
  readonly nextNumber: () => number;
  readonly oracle: Oracle;
  readonly journal: Journal;
  readonly route: RouteFollower;
  readonly pauses: Pauses;
  readonly tally: Tally;
  readonly stopped: AbortSignal;
}

const RECONNECT_MS = 50;

/** `finished`: without a commit; `refused` and `retry`: the writer runs the same transaction again. */
type Outcome = 'finished' | 'acknowledged' | 'refused' | 'retry';

export class LiveWriter {
  private client: Client | undefined;
  private connectedTo: Side | undefined;
  private transactions = 0;

  constructor(private readonly props: WriterProps) {}

  /** Writes until `stopped` is aborted. The outcome of every transaction is then known. @throws OutcomeUnknown */
  async write(): Promise<void> {
    const { seed, writer, run, stopped, pauseMs } = this.props;
    const random = createRandom(seed, writer, run);
    try {
      while (!stopped.aborted) {
        await this.writeOnce(random);
        await sleep(Math.round(2 * pauseMs * random()), undefined, { signal: stopped }).catch(
          () => undefined,
        );
      }
    } finally {
      await this.disconnect();
    }
  }

  private async writeOnce(random: () => number): Promise<void> {
    const { tally, writer, stopped } = this.props;
    const choice = this.props.choose(random());
    this.transactions += 1;
    const sinceMs = Date.now();
    const paused = { ms: 0 };
    let [outcome, wasRefused]: [Outcome, boolean] = ['retry', false];
    try {
      for (let attempt = 1; outcome !== 'finished' && outcome !== 'acknowledged'; attempt += 1) {
        if (stopped.aborted) return;
        outcome = await this.attempt(choice, attempt, paused);
        wasRefused ||= outcome === 'refused';
      }
    } finally {
      choice.release();
    }
    if (outcome !== 'acknowledged') return;
    tally.waited(writer, Date.now() - sinceMs - paused.ms);
    if (wasRefused) tally.count('retried');
  }

  private async attempt({ name, action }: Choice, attempt: number, paused: { ms: number }): Promise<Outcome> {
    const { writer, seed, run, tally, pauses, oracle, route } = this.props;
    const { side } = route;
    const startedAtMs = Date.now();
    let transaction: LiveTransaction | undefined;
    try {
      const client = await this.session(side);
      const tables = await this.props.tables(side);
      // The same random numbers in every attempt, so that a retry runs the same transaction.
      const random = createRandom(seed, writer, run, this.transactions);
      const prefix = `${run}-${writer}-${this.transactions}-${attempt}`;
      transaction = new LiveTransaction({ client, side, tables, oracle, writer, random, name: prefix });
      await client.query('BEGIN');
      await action.run(transaction);
      if (transaction.effects.length === 0) {
        await client.query('ROLLBACK');
        return 'finished';
      }
      if (!(await this.commit(client, side, transaction))) return 'retry';
      tally.acknowledged(side, name, transaction.effects.length);
      pauses.acknowledged(side, startedAtMs, Date.now());
      return 'acknowledged';
    } catch (error) {
      if (error instanceof OutcomeUnknown) throw error;
      oracle.undo(side, transaction?.effects ?? []);
      return await this.afterFailure(error, name, side);
    } finally {
      paused.ms += transaction?.pausedMs ?? 0;
    }
  }

  /** Returns whether the transaction was committed, even if the response was lost. @throws OutcomeUnknown */
  private async commit(client: Client, side: Side, { effects }: LiveTransaction): Promise<boolean> {
    const { journal, oracle, tally, writer, nextNumber } = this.props;
    const { rows } = await client.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    const transaction = { number: nextNumber(), writer, side, xid: rows[0]?.xid ?? '', effects };
    journal.intend(transaction);
    let committed = false;
    try {
      committed = (await client.query('COMMIT')).command === 'COMMIT';
    } catch (error) {
      if (classifyFailure(error) !== 'broken') {
        journal.settle(transaction.number, false);
        throw error;
      }
      tally.count('responsesLost');
      await this.disconnect();
      committed = await readOutcome(transaction, () => this.props.connect(side));
    }
    journal.settle(transaction.number, committed);
    if (committed) oracle.commit(transaction);
    else oracle.undo(side, effects);
    return committed;
  }

  private async afterFailure(error: unknown, action: string, side: Side): Promise<Outcome> {
    const { tally, route, pauses } = this.props;
    const failure = classifyFailure(error);
    if (failure === 'broken') {
      tally.count('disconnected');
      await this.disconnect();
      await sleep(RECONNECT_MS);
      return 'retry';
    }
    const atMs = Date.now();
    await this.client?.query('ROLLBACK').catch(() => this.disconnect());
    switch (failure) {
      case 'rolled-back':
        tally.count('rolledBack');
        return 'finished';
      case 'lost':
        if (error instanceof RowLost) this.lose(error);
        return 'finished';
      case 'refused':
        tally.count('refused');
        pauses.refused(atMs);
        await route.follow(side);
        return 'refused';
      case 'transient':
        tally.count('conflicts');
        return 'retry';
      case 'unexpected':
        tally.fail(`${action}: ${describeFailure(error)}`);
        return 'finished';
    }
  }

  private lose({ table, keys }: RowLost): void {
    const { oracle, journal, tally, writer } = this.props;
    for (const key of keys) {
      if (!oracle.lose(writer, table, key)) continue;
      journal.lose({ writer, table, key });
      tally.count('rowsLost');
    }
  }

  private async session(side: Side): Promise<Client> {
    if (this.connectedTo !== side) await this.disconnect();
    this.client ??= await this.props.connect(side);
    this.connectedTo = side;
    return this.client;
  }

  private async disconnect(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}
