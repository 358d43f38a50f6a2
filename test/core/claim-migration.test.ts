/** One execution owns a migration; a later one is refused, resumes it, or starts its next generation. */
import { AlreadyRunning, WrongState } from '../../src/core/errors';
import { recordFailure } from '../../src/core/execution/record-failure';
import { plan } from '../../src/core/stages/plan';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
let ready: Trial;

beforeAll(async () => {
  lab = await startLab();
  ready = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
});
afterAll(() => lab.stop());
beforeEach(() => {
  trial = lab.trialOn(ready.source, ready.target, {});
});

const record = () => trial.control.recordOrFail(trial.name);
const hold = (
  execution: string,
  failure = { Error: 'VerificationFailed', Cause: '{"errorMessage":"two chunks differ"}' },
) => recordFailure(trial.world(), trial.name, execution, failure);

test('a new migration starts with generation 1, at the source', async () => {
  expect(await trial.begin('first')).toEqual({
    migration: trial.name,
    generation: 1,
    direction: 'forward',
    events: 0,
    execution: 'first',
    shape: 'offline',
  });
  expect(await record()).toMatchObject({
    generation: 1,
    direction: 'forward',
    status: 'running',
    stage: null,
    writes: 'source',
    execution: 'first',
    salt: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  });
  expect(await trial.events()).toEqual(['started']);
});

test('every migration has its own salt', async () => {
  await trial.begin('first');
  const other = lab.trialOn(ready.source, ready.target, {});
  await other.begin('first');
  expect((await other.control.recordOrFail(other.name)).salt).not.toBe((await record()).salt);
});

test('the same execution claims the same run again', async () => {
  const run = await trial.begin('first');
  trial.running.add('first');
  expect(await trial.begin('first')).toEqual(run);
  expect(await trial.events()).toEqual(['started']);
});

test('another execution is refused while the owner runs', async () => {
  await trial.begin('first');
  trial.running.add('first');
  await expect(trial.begin('second')).rejects.toThrow(AlreadyRunning);
  await expect(trial.begin('second')).rejects.toThrow(`migration ${trial.name} is being run by first`);
  expect((await record()).execution).toBe('first');
});

test('an owner that ended without recording it can be replaced', async () => {
  await trial.begin('first');
  expect(await trial.begin('second')).toMatchObject({
    migration: trial.name,
    generation: 1,
    execution: 'second',
  });
  expect(await record()).toMatchObject({ execution: 'second', status: 'running' });
  expect(await trial.events()).toEqual(['started', 'resumed']);
});

test('an ended owner can be replaced while it is still described as running', async () => {
  await trial.begin('first');
  let requests = 0;
  const late = { ...trial.world(), isRunning: async () => (requests += 1) < 4 };
  expect(await trial.begin('second', late)).toMatchObject({ generation: 1, execution: 'second' });
  expect(requests).toBe(4);
});

test('one of several concurrent successors wins', async () => {
  await trial.begin('first');
  for (const execution of ['a', 'b', 'c', 'd']) trial.running.add(execution);
  const claims = await Promise.allSettled([...trial.running].map((execution) => trial.begin(execution)));
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const claim of claims) {
    if (claim.status === 'rejected') expect(claim.reason).toBeInstanceOf(AlreadyRunning);
    else expect((await record()).execution).toBe(claim.value.execution);
  }
});

test('one of several concurrent first starts wins', async () => {
  for (const execution of ['a', 'b', 'c', 'd']) trial.running.add(execution);
  const claims = await Promise.allSettled([...trial.running].map((execution) => trial.begin(execution)));
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

describe('a failure', () => {
  test('holds the migration, with its reason as text', async () => {
    await trial.begin('first');
    expect(await hold('first')).toEqual({ held: true });
    expect(await record()).toMatchObject({
      status: 'held',
      execution: null,
      reason: 'VerificationFailed: two chunks differ',
    });
    expect(await trial.events()).toEqual(['started', 'held']);
  });

  test('whose cause is not JSON is kept unchanged, up to a limit', async () => {
    await trial.begin('first');
    await hold('first', { Error: 'States.Timeout', Cause: 'x'.repeat(30_000) });
    const { reason } = await record();
    expect(reason).toMatch(/^States\.Timeout: x+ … \[21\d+ bytes or more are left out\] … x+$/);
    expect(Buffer.byteLength(reason!)).toBeLessThanOrEqual(9_000);
  });

  test('of an execution that owns nothing changes nothing', async () => {
    await trial.begin('first');
    expect(await hold('second')).toEqual({ held: false });
    expect(await hold('first')).toEqual({ held: true });
    expect(await hold('first')).toEqual({ held: false });
    expect(await trial.events()).toEqual(['started', 'held']);
  });

  test('of a migration that was never started changes nothing', async () => {
    expect(await hold('first')).toEqual({ held: false });
  });

  test('lets the next execution resume, which clears the reason and keeps the stage', async () => {
    await trial.begin('first');
    await trial.control.finishStage(trial.name, 1, 'preflight');
    await hold('first');
    await trial.begin('second');
    expect(await record()).toMatchObject({
      status: 'running',
      reason: null,
      stage: 'preflight',
      generation: 1,
    });
    expect((await trial.control.journal.last(trial.name, 1))[0]).toMatchObject({
      event: 'resumed',
      evidence: { execution: 'second', reason: 'VerificationFailed: two chunks differ' },
    });
  });
});

test('a run that lost the migration changes nothing', async () => {
  const lost = await trial.begin('first');
  await trial.begin('second');
  await expect(plan(trial.context(trial.world(), lost))).rejects.toThrow(WrongState);
  await expect(plan(trial.context(trial.world(), lost))).rejects.toThrow(/owned by second/);
});

test('a finished migration is not run again', async () => {
  await trial.begin('first');
  await trial.control.finishStage(trial.name, 1, 'open');
  expect(await record()).toMatchObject({ status: 'done', execution: null });
  await expect(trial.begin('second')).rejects.toThrow(WrongState);
  await expect(trial.begin('second')).rejects.toThrow(/is done/);
});

test('a migration that is being aborted is not run', async () => {
  await trial.begin('first');
  await trial.control.setWrites(
    { migration: trial.name, generation: 1, writes: 'source' },
    'source',
    ['running'],
    { status: 'aborting' },
  );
  await expect(trial.begin('second')).rejects.toThrow(/is being aborted/);
});

test('an aborted migration starts its next generation, with increasing epochs', async () => {
  await trial.begin('first');
  await trial.abort();
  const { epoch } = await record();
  expect(await trial.begin('second')).toMatchObject({ generation: 2 });
  expect(await record()).toMatchObject({
    generation: 2,
    direction: 'forward',
    status: 'running',
    stage: null,
    writes: 'source',
    fenceDeadline: null,
  });
  expect(await trial.control.nextEpoch(trial.name)).toBeGreaterThan(epoch);
  expect((await trial.events()).at(-1)).toBe('started');
});

test('resuming resets the failures of chunks', async () => {
  await trial.begin('first');
  const table = {
    table: 'shop.t',
    chunks: 2,
    rowsEstimated: 0,
    layout: (await trial.world().describe('forward'))[0]!.layout,
  };
  await trial.control.chunks.plan(trial.name, 1, table);
  const claimed = await trial.control.chunks.claim(trial.item(1));
  await trial.control.chunks.fail(claimed!.chunk, 'CopyFailed');
  expect((await trial.chunks())[1]).toMatchObject({
    state: 'open',
    stalled: 1,
    failure: 'CopyFailed',
    token: 1,
  });
  await hold('first');
  await trial.begin('second');
  expect((await trial.chunks())[1]).toMatchObject({ state: 'open', stalled: 0, failure: null, token: 1 });
});
