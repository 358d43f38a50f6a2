/** A shop that keeps selling while it is moved, and assertions on both ends afterwards. */
import { INSTALLED_VERSION } from '../../src/contract/versions';
import { DatabaseError } from 'pg';
import type { MigrationRecord } from '../../src/core/ledger';
import { intentOf } from '../../src/contract/writes';
import type { Side } from '../support/side';
import type { Setup } from '../support/trial-definition';
import type { Trial } from '../support/world';

/** `later` has no row when it is planned; `never` none at all. */
export const LIVE: Setup = {
  tables: `
    CREATE TABLE parent (id int PRIMARY KEY, v text NOT NULL, changed timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE TABLE child (id int, parent_id int NOT NULL REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, n int, PRIMARY KEY (parent_id, id));
    CREATE TABLE later (id uuid PRIMARY KEY, v text);
    CREATE TABLE never (id int PRIMARY KEY)`,
  seed: `
    INSERT INTO parent SELECT n, 'v' || n FROM generate_series(1, 400) AS n;
    INSERT INTO child SELECT n % 3, n, n FROM generate_series(1, 400) AS n; ANALYZE`,
  map: ['parent', 'child', 'later', 'never'],
  definition: { shape: 'cdc', fence: { seconds: 60 } },
};

/** The same with a fence that expires after a second. */
export const HASTY: Setup = { ...LIVE, definition: { shape: 'cdc', fence: { seconds: 1 } } };

/** Operations of an application in random order: inserts, updates, key changes and deletes, of single and many rows. */
const CHANGES: readonly ((n: number) => string)[] = [
  (n) => `INSERT INTO parent (id, v) VALUES (${1_000 + n}, 'new') ON CONFLICT (id) DO UPDATE SET v = 'again'`,
  (n) => `UPDATE parent SET v = v || '+', changed = clock_timestamp() WHERE id = ${n % 700}`,
  (n) => `UPDATE parent SET v = 'many' WHERE id % 50 = ${n % 50}`,
  (n) => `UPDATE parent SET id = id + 5000 WHERE id = ${n % 600}`,
  (n) => `DELETE FROM parent WHERE id = ${(n * 7) % 1_500}`,
  (n) =>
    `INSERT INTO child SELECT ${n}, id, ${n} FROM parent ORDER BY id OFFSET ${n % 300} LIMIT 2 ON CONFLICT DO NOTHING`,
  (n) => `DELETE FROM child WHERE parent_id = ${n % 600} AND id = 1`,
  (n) => `INSERT INTO later VALUES (md5('${n}')::uuid, 'new') ON CONFLICT DO NOTHING`,
  (n) => `UPDATE later SET v = v || '.' WHERE id = md5('${n - 5}')::uuid`,
  (n) => `BEGIN; INSERT INTO parent (id, v) VALUES (${9_000 + n}, 'rolled back'); ROLLBACK`,
  (n) =>
    `BEGIN; UPDATE parent SET v = 'twice' WHERE id = ${n % 600}; DELETE FROM parent WHERE id = ${n % 600}; INSERT INTO parent (id, v) VALUES (${n % 600}, 'back') ON CONFLICT DO NOTHING; COMMIT`,
];

const READ_ONLY = '25006';

/** The application: writes until it is stopped, and retries while it is refused. */
export class Writer {
  committed = 0;
  refused = 0;
  private stopping = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly side: Side,
    private readonly pauseMs = 3,
  ) {
    this.ended = this.write();
    // `stop` reports it to its caller.
    this.ended.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.ended;
  }

  private async write(): Promise<void> {
    const session = await this.side.session('app');
    // Not random: each run does the same, in an order that does not repeat soon.
    for (let n = 1; !this.stopping; n += 1) {
      try {
        await session.query(CHANGES[(n * n + (n >> 3)) % CHANGES.length]!(n));
        this.committed += 1;
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== READ_ONLY) throw error;
        await session.query('ROLLBACK');
        this.refused += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    }
  }
}

/** As if the fence's deadline had passed. */
export const expireFence = (trial: Trial): Promise<unknown> =>
  trial.source.sql(`
    UPDATE sluice.guard SET deadline = now() - interval '1 second';
    SELECT sluice.write_guard_v${INSTALLED_VERSION}(id, sluice.passing_rows_v${INSTALLED_VERSION}('fenced', deadline, ''))
      FROM sluice.guard WHERE owner = '${trial.of.owner}' AND migration = '${trial.name}' AND side = 'source'`);

export const recordOf = (trial: Trial): Promise<MigrationRecord> => trial.control.recordOrFail(trial.name);

/** Whether the application may write to a side. The guard is a row trigger, so the probe must insert a row. */
export const isOpen = (side: Side): Promise<boolean> =>
  side.sql(`BEGIN; INSERT INTO parent (id, v) VALUES (0, ''); ROLLBACK`, 'app').then(
    () => true,
    () => false,
  );

/** Both sides hold the same rows, the target serves, and the source has lost its capture. */
export async function assertMoved(trial: Trial): Promise<void> {
  const { source, target } = await trial.contents();
  expect(target).toEqual(source);
  expect(await recordOf(trial)).toMatchObject({ status: 'done', writes: 'target', stage: 'stop-capture' });
  expect([await isOpen(trial.source), await isOpen(trial.target)]).toEqual([false, true]);
  const triggers = (await trial.source.traces()).filter((trace) => trace.startsWith('trigger'));
  expect(triggers.filter((trigger) => !trigger.includes('sluice_guard'))).toEqual([]);
  expect(
    await trial.source.sql('SELECT FROM sluice.capture UNION ALL SELECT FROM sluice.change_log'),
  ).toEqual([]);
  expect(await trial.control.journal.firstBroken(trial.name)).toBeNull();
}

/** No part of the migration is left, and the source is unchanged. */
export async function assertGone(trial: Trial, before: Awaited<ReturnType<typeof liveState>>): Promise<void> {
  expect(await liveState(trial)).toEqual(before);
  expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
  expect([await isOpen(trial.source), await isOpen(trial.target)]).toEqual([true, true]);
  expect(await recordOf(trial)).toMatchObject({
    status: 'aborted',
    writes: 'source',
    execution: null,
    sync: null,
  });
}

export async function liveState({ source, target, definition }: Trial) {
  const rows = (side: Side) => Promise.all(definition.tables.map(({ source: name }) => side.content(name)));
  return {
    source: { schema: await source.schema(), rows: await rows(source) },
    target: { schema: await target.schema(), rows: await rows(target) },
  };
}

/** A source that is closed has an attempt to name, and vice versa. */
export async function isFenced(trial: Trial): Promise<boolean> {
  return intentOf((await recordOf(trial)).writes) !== null;
}
