/** The synthesized machines, run from start to end by the local engine with stubbed functions. */
import { RETRIES } from '../../src/contract/lifecycle/retry';
import { ERRORS } from '../../src/contract/errors';
import type { FunctionName } from '../../src/contract/lifecycle';
import { closeTestStepFunctions, functionError } from 'local-aws/testing';
import { definitionOf } from './definitions';
import {
  always,
  responding,
  applying,
  failing,
  over,
  RUN,
  stageWith,
  times,
  verdicts,
  type Round,
  type Stage,
  type Stubs,
} from './stubs';
import { templateOfDev } from './support';

afterEach(closeTestStepFunctions);

const MACHINES = {
  Migration: definitionOf(templateOfDev(), 'sluice-dev-Migration'),
  Sync: definitionOf(templateOfDev(), 'sluice-dev-Sync'),
};

const live = (stubs: Stubs = {}): Promise<Stage> => stageWith(MACHINES, 'cdc', stubs);

const BEFORE: readonly FunctionName[] = ['claimMigration', 'preflight', 'prepare', 'startCapture', 'plan'];
const COMPARED: readonly FunctionName[] = ['nextWave', 'nextWave'];
const MOVED: readonly FunctionName[] = ['cutover', 'stopCapture', 'disarm'];

describe('a migration of shape offline', () => {
  test('runs to the end and copies the chunks that the judge reopens again', async () => {
    const { called, run } = await stageWith(MACHINES, 'offline', {
      judge: verdicts('judge', 'recopy', 'clean'),
    });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(called).toEqual([
      ...['claimMigration', 'preflight', 'prepare', 'fence', 'plan', ...COMPARED, 'judge'],
      ...[...COMPARED, 'judge', 'cutover', 'disarm'],
    ]);
  });

  test('tries to disarm the guard once a minute until its tables can be locked', async () => {
    const { called, clock, run } = await stageWith(MACHINES, 'offline', {
      disarm: verdicts('disarm', 'wait', 'wait', 'done'),
    });
    const startedMs = clock.nowMs();
    const { outcome } = await run();
    expect([outcome.status, outcome.stopMs - startedMs]).toEqual(['SUCCEEDED', 120_000]);
    expect(times(called, 'disarm')).toBe(3);
  });

  test('copies wave by wave, and a failed chunk does not stop its siblings', async () => {
    const copied: number[] = [];
    const items = [0, 1, 2].map((chunk) => ({ ...RUN, table: 'shop.t', chunk }));
    const { called, run } = await stageWith(MACHINES, 'offline', {
      nextWave: responding('nextWave', (_run, calls) =>
        calls === 0
          ? { verdict: 'wave', items, concurrency: 2 }
          : { verdict: 'empty', items: [], concurrency: 2 },
      ),
      copyChunk: (input) => {
        const item = input as (typeof items)[number];
        if (item.chunk === 1) throw functionError(ERRORS.rowsRefused);
        copied.push(item.chunk);
        const isSecond = copied.filter((chunk) => chunk === item.chunk).length > 1;
        return { ...item, verdict: isSecond ? 'done' : 'more' };
      },
    });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(copied.sort()).toEqual([0, 0, 2, 2]);
    expect(times(called, 'nextWave')).toBe(3);
  });
});

describe('a migration of shape cdc', () => {
  test('runs to the end, and Sync continues until the ledger says it is over', async () => {
    const { engine, called, rounds, run } = await live();
    const { outcome } = await run();
    expect(outcome.status).toBe('SUCCEEDED');
    expect(called).toEqual([...BEFORE, ...COMPARED, 'catchUp', ...MOVED]);
    const [first] = rounds;
    expect(first).toMatchObject({ ...RUN, events: 0 });
    expect(first!.startedBy).toContain(':execution:sluice-dev-Migration:');
    expect(engine.inspect(first!.execution).status).toBe('RUNNING');
    const { status, stopMs } = await engine.settled(first!.execution);
    expect(status).toBe('SUCCEEDED');
    expect(stopMs - outcome.stopMs).toBeGreaterThan(700_000);
    expect(rounds).toHaveLength(2);
  });

  test('waits for sync as long as each verdict says, compares again, and then cuts over', async () => {
    const { called, clock, run } = await live({
      catchUp: verdicts('catchUp', 'wait', 'verify', 'wait', 'ready'),
    });
    const startedMs = clock.nowMs();
    const { outcome } = await run();
    expect(outcome.status).toBe('SUCCEEDED');
    expect(outcome.stopMs - startedMs).toBe(4_000);
    expect(called).toEqual([
      ...[...BEFORE, ...COMPARED, 'catchUp', 'catchUp', 'nextWave', 'catchUp', 'catchUp'],
      ...MOVED,
    ]);
  });

  test.each<readonly string[][]>([
    [Array<string>(RETRIES.fenced.attemptsMax + 1).fill('TransientFailure')],
    [Array<string>(RETRIES.fenced.lostAttemptsMax + 1).fill('Runtime.ExitError')],
    [['FenceExpired']],
    [['TransientFailure', 'Runtime.ExitError', 'FenceExpired']],
  ])('a cutover that fails with %j gives the writes back and is tried again', async (errors) => {
    const cutover = failing(errors, verdicts('cutover', 'moved'));
    const { called, run } = await live({ cutover });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(times(called, 'cancelCutover')).toBe(1);
    expect(times(called, 'cutover')).toBe(errors.length + 1);
    expect(called.slice(called.indexOf('cancelCutover') + 1)).toEqual(['catchUp', ...MOVED]);
  });

  test('a cutover that dies three times is invoked again within seconds under the same fence', async () => {
    const errors = Array<string>(3).fill('Runtime.ExitError');
    const { called, clock, run } = await live({ cutover: failing(errors, verdicts('cutover', 'moved')) });
    const startedMs = clock.nowMs();
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(times(called, 'cutover')).toBe(4);
    expect(called).not.toContain('cancelCutover');
    expect(clock.nowMs() - startedMs).toBeLessThan(6_000);
  });

  test('a cutover that fails after the flip is retried until it finishes', async () => {
    const errors = [
      ...Array<string>(RETRIES.fenced.attemptsMax + 1).fill('TransientFailure'),
      ...Array<string>(30).fill('TransientFailure'),
    ];
    const { called, run } = await live({
      cutover: failing(errors, verdicts('cutover', 'moved')),
      cancelCutover: verdicts('cancelCutover', 'flipped'),
    });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(times(called, 'cancelCutover')).toBe(1);
    expect(called.slice(-2)).toEqual(['stopCapture', 'disarm']);
  });

  test('chunks found unequal under the fence are copied again after it is lifted', async () => {
    const { called, run } = await live({ cutover: verdicts('cutover', 'returned', 'moved') });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(called).toEqual([
      ...[...BEFORE, ...COMPARED, 'catchUp', 'cutover'],
      ...[...COMPARED, 'catchUp', ...MOVED],
    ]);
  });

  test.each<[FunctionName, string]>([
    ['startCapture', ERRORS.transient],
    ['catchUp', ERRORS.captureLost],
    ['cutover', ERRORS.wrongState],
    ['cutover', ERRORS.verificationFailed],
    ['cancelCutover', ERRORS.notCaughtUp],
    ['stopCapture', 'Error'],
  ])('%s that fails with %s holds the migration with the same error', async (name, error) => {
    const failure: unknown[] = [];
    const { run } = await live({
      ...(name === 'cancelCutover' ? { cutover: always('FenceExpired') } : {}),
      [name]: always(error),
      recordFailure: (input) => void failure.push(input),
    });
    expect((await run()).outcome).toMatchObject({ status: 'FAILED', error });
    expect(failure).toMatchObject([{ migration: 'orders', failure: { Error: error } }]);
  });

  test('an unknown shape fails with InconsistentLedger', async () => {
    const { called, run } = await live({
      claimMigration: () => ({ ...RUN, execution: 'x', shape: 'blue-green', events: 0 }),
    });
    expect((await run()).outcome).toMatchObject({ status: 'FAILED', error: ERRORS.inconsistentLedger });
    expect(called.at(-1)).toBe('recordFailure');
  });
});

describe('Sync', () => {
  test('a failed applier ends neither its sibling nor Sync', async () => {
    const applied: number[] = [];
    const stage = await live({
      nextSync: responding('nextSync', (round, calls) => (calls < 2 ? applying(2, round as Round) : over)),
      applyChanges: async (input) => {
        const { applier } = input as { applier: number };
        if (applier === 0) throw functionError(ERRORS.captureLost);
        await stage.clock.wait(60_000, new AbortController().signal);
        applied.push(applier);
      },
    });
    const { status } = await stage.engine.settled(stage.startSync());
    expect(status).toBe('SUCCEEDED');
    expect(applied).toEqual([1, 1]);
  });

  test('fails with the error of a round that cannot start', async () => {
    const stage = await live({ nextSync: always(ERRORS.captureLost) });
    expect(await stage.engine.settled(stage.startSync())).toMatchObject({
      status: 'FAILED',
      error: ERRORS.captureLost,
    });
  });

  test('refuses an input with missing fields', async () => {
    const stage = await live();
    expect(await stage.engine.settled(stage.startSync({ migration: 'orders' }))).toMatchObject({
      status: 'FAILED',
      error: ERRORS.malformedInput,
    });
  });

  test('starts its successor, which names its predecessor', async () => {
    const stage = await live({
      nextSync: responding('nextSync', (_round, calls) =>
        calls === 0 ? { verdict: 'renew', items: [] } : over,
      ),
    });
    const first = stage.startSync();
    expect((await stage.engine.settled(first)).status).toBe('SUCCEEDED');
    while (stage.rounds.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(stage.rounds[1]).toMatchObject({ ...RUN, startedBy: first, events: 0 });
    expect(stage.rounds[1]!.execution).not.toBe(first);
  });
});
