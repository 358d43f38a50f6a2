/** Sets up a table whose chunks are closed, and an applier that has just claimed its only partition. */
import type { Layout } from '../../src/core/layout';
import { applierScope, scopePrefix } from '../../src/core/ledger';
import type { End } from '../../src/core/ends';
import type { Applied, Change, Ticket } from '../../src/core/ports';
import type { Setup } from '../support/trial-definition';
import type { Lab, Trial } from '../support/world';

type Given = Setup & { readonly held?: string; readonly boundaries?: readonly string[] };

export class ClosedTable {
  private seq = 0;

  constructor(
    readonly trial: Trial,
    readonly target: End,
    readonly layout: Layout,
    readonly prefix: string,
    readonly scope: string,
    readonly token: number,
  ) {}

  /** Starts with chunks cut at `boundaries`, all closed; the target contains the rows of `held`. */
  static async start(lab: Lab, setup: Given): Promise<ClosedTable> {
    return (await ClosedTable.startAll(lab, setup))[0]!;
  }

  /** Starts the same for each mapped table, in their order. */
  static async startAll(lab: Lab, setup: Given): Promise<ClosedTable[]> {
    const trial = await lab.trial(setup);
    await trial.begin();
    await trial.walk('prepare');
    // As the worker, like a copier: the target is dark for every other login.
    if (setup.held) await inTarget(trial, setup.held);
    const world = trial.world();
    const tables: ClosedTable[] = [];
    for (const { table, layout } of await world.describe('forward')) {
      tables.push(await closeAndClaim(trial, world.ends.target, table, layout, setup.boundaries ?? []));
    }
    return tables;
  }

  /** The number that the next write consumes. */
  ticket(seq = this.seq + 1, token = this.token): Ticket {
    return { scope: this.scope, token, seq };
  }

  /** Applies all changes or none. @throws StatementRefused if the target refuses one */
  async apply(...changes: readonly Change[]): Promise<readonly Applied[] | null> {
    const applied = await this.target.writer.applyRows(this.layout, this.prefix, this.ticket(), changes);
    this.seq += 1;
    return applied;
  }

  async applyEach(...changes: readonly Change[]): Promise<readonly Applied[] | null> {
    const applied = await this.target.writer.applyEach(this.layout, this.prefix, this.ticket(), changes);
    this.seq += 1;
    return applied;
  }

  rows(table = 't'): Promise<string[]> {
    return this.trial.target.rows(table);
  }
}

async function closeAndClaim(
  trial: Trial,
  target: End,
  table: string,
  layout: Layout,
  boundaries: readonly string[],
): Promise<ClosedTable> {
  const prefix = scopePrefix(trial.of, 'target', table);
  const { leases } = target;
  const authority = await trial.authority();
  const chunks = await leases.plan(authority, layout, prefix, boundaries);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    await leases.install(authority, `${prefix}${chunk}`, 1, 0);
    await leases.close(`${prefix}${chunk}`, 1);
  }
  const scope = applierScope(trial.of, 'target', table, 0);
  await leases.planPartition(authority, scope);
  await leases.install(authority, scope, 1, 0);
  return new ClosedTable(trial, target, layout, prefix, scope, 1);
}

/** Runs statements in the target as Sluice's worker, which the guard exempts. */
export const inTarget = (trial: Trial, statements: string): Promise<unknown> =>
  trial.target.sql(`SET search_path = shop; ${statements}`, 'sluice_worker');

export const row = (key: string | number, ...texts: (string | number | null)[]): Change => ({
  key: `{${key}}`,
  row: texts.map((text) => (text === null ? null : String(text))),
});

export const gone = (key: string | number): Change => ({ key: `{${key}}`, row: null });
