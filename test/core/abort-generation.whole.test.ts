/** An abort is of one generation, and may be of one run of it. Any other one changes nothing and says why. */
import { clean } from '../../src/core/stages/clean';
import { reopen } from '../../src/core/stages/reopen';
import { revoke } from '../../src/core/stages/revoke';
import { MalformedInput } from '../../src/core/errors';
import type { AbortInput } from '../../src/contract/payloads';
import { startLab, type Lab, type Trial } from '../support/world';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const STEPS = { revoke, reopen, clean };

const startedTrial = () =>
  lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10); ANALYZE',
  });

const inputFor = (trial: Trial, generation: number, of: Partial<AbortInput> = {}): AbortInput => ({
  ...{ migration: trial.name, generation, reason: 'a test says so' },
  ...of,
});

/** The steps as the machine takes them: it ends at the first that finds nothing to do. */
async function abort(trial: Trial, input: AbortInput) {
  let last: Awaited<ReturnType<(typeof STEPS)[keyof typeof STEPS]>> | undefined;
  for (const step of Object.values(STEPS)) {
    last = await step(await trial.open(), input);
    if (last.verdict === 'nothing') break;
  }
  return last!;
}

/** Everything that a late abort could change. */
const everything = async (trial: Trial) => ({
  record: await recordOf(trial),
  source: await trial.source.traces(),
  target: await trial.target.traces(),
  guards: [
    await trial.source.sql('SELECT * FROM sluice.guard ORDER BY 1, 2, 3'),
    await trial.target.sql('SELECT * FROM sluice.guard ORDER BY 1, 2, 3'),
  ],
  leases: await trial.target.sql('SELECT scope, token, seq, open FROM sluice.lease ORDER BY scope'),
  rows: await trial.target.count('t'),
});

const lastEntry = async (trial: Trial) => (await trial.control.journal.last(trial.name, 1))[0];

describe('an abort of an earlier generation', () => {
  test.each(Object.entries(STEPS))('changes nothing when its %s arrives late', async (_, step) => {
    const trial = await startedTrial();
    await trial.begin();
    await trial.walk('plan');
    await abort(trial, inputFor(trial, 1));
    await trial.begin('execution-2');
    await trial.walk('verify');
    const before = await everything(trial);
    const because = `generation 1 of migration ${trial.name} has ended; the migration is in generation 2`;
    expect(await step(await trial.open(), inputFor(trial, 1))).toMatchObject({
      ...{ verdict: 'nothing', done: false, because },
    });
    expect(await everything(trial)).toEqual(before);
    expect(await lastEntry(trial)).toMatchObject({
      event: 'abort ignored',
      generation: 2,
      evidence: { generation: 1, because },
    });
  });

  test('leaves the target of the next one as it is between its flip and its opening', async () => {
    const trial = await startedTrial();
    await trial.begin();
    await trial.walk('plan');
    await abort(trial, inputFor(trial, 1));
    await trial.begin('execution-2');
    await trial.walk('flip');
    expect(await abort(trial, inputFor(trial, 1))).toMatchObject({ verdict: 'nothing' });
    await trial.walk('open');
    expect(await trial.target.count('t')).toBe(10);
    await trial.target.sql('INSERT INTO t VALUES (99)', 'app');
  });

  test('does nothing after that generation was aborted, and says so', async () => {
    const trial = await startedTrial();
    await trial.begin();
    await trial.walk('plan');
    expect(await abort(trial, inputFor(trial, 1))).toMatchObject({ done: true, because: null });
    expect(await abort(trial, inputFor(trial, 1))).toMatchObject({
      ...{ verdict: 'nothing', done: false },
      because: `generation 1 of migration ${trial.name} is aborted already`,
    });
  });
});

test('an abort of a generation that has not started does nothing', async () => {
  const trial = await startedTrial();
  await trial.begin();
  await trial.walk('plan');
  const before = await everything(trial);
  expect(await abort(trial, inputFor(trial, 2))).toMatchObject({
    because: `generation 2 of migration ${trial.name} has not started; the migration is in generation 1`,
  });
  expect(await everything(trial)).toEqual(before);
});

describe('an abort of one run', () => {
  const MINUTE_MS = 60_000;
  const shifted = (instant: string, byMs: number) => new Date(Date.parse(instant) + byMs).toISOString();

  test('does nothing if the migration was resumed since', async () => {
    const trial = await startedTrial();
    await trial.begin();
    await trial.walk('plan');
    const { runStartedAt: first } = await recordOf(trial);
    await trial.begin('execution-2');
    const { runStartedAt: second } = await recordOf(trial);
    expect(Date.parse(second)).toBeGreaterThan(Date.parse(first));
    const before = await everything(trial);
    expect(await abort(trial, inputFor(trial, 1, { runStartedAt: first }))).toMatchObject({
      because: `the run of ${first} has ended; migration ${trial.name} was resumed at ${second}`,
    });
    expect(await everything(trial)).toEqual(before);
  });

  test.each([
    ['the start of the run', 0],
    ['a later instant', MINUTE_MS],
    ['the same instant in another time zone', null],
  ])('aborts with %s', async (_, byMs) => {
    const trial = await startedTrial();
    await trial.begin();
    const { runStartedAt } = await recordOf(trial);
    const given = byMs === null ? runStartedAt.replace('Z', '+00:00') : shifted(runStartedAt, byMs);
    expect(await abort(trial, inputFor(trial, 1, { runStartedAt: given }))).toMatchObject({ done: true });
    expect(await recordOf(trial)).toMatchObject({ status: 'aborted' });
  });

  test('continues although a resume was attempted after it was decided', async () => {
    const trial = await startedTrial();
    await trial.begin();
    const { runStartedAt } = await recordOf(trial);
    const input = inputFor(trial, 1, { runStartedAt });
    await revoke(await trial.open(), input);
    await expect(trial.begin('execution-2')).rejects.toThrow(/is being aborted/);
    expect(await abort(trial, input)).toMatchObject({ done: true });
  });
});

describe('two aborts of one generation', () => {
  test('use the same epochs, and both end as done', async () => {
    const trial = await startedTrial();
    await trial.begin();
    await trial.walk('seal');
    const input = inputFor(trial, 1);
    const outcomes = await Promise.all([abort(trial, input), abort(trial, input)]);
    for (const outcome of outcomes) {
      if (outcome.verdict === 'nothing') expect(outcome.because).toMatch(/is aborted already$/);
      else expect(outcome).toMatchObject({ done: true });
    }
    expect(outcomes.some(({ done }) => done)).toBe(true);
    const journal = await trial.control.journal.last(trial.name, 100);
    expect(journal.filter(({ event }) => event === 'abort decided')).toHaveLength(1);
    const epochs = journal
      .filter(({ event }) => event === 'workers revoked')
      .map(({ evidence }) => evidence.epoch);
    expect(new Set(epochs).size).toBe(1);
    expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
  });

  test.each(Object.entries(STEPS))(
    'a %s of one that comes after the end of the other changes nothing',
    async (_, step) => {
      const trial = await startedTrial();
      await trial.begin();
      await trial.walk('plan');
      await abort(trial, inputFor(trial, 1));
      const before = await recordOf(trial);
      await step(await trial.open(), inputFor(trial, 1));
      expect(await recordOf(trial)).toEqual(before);
      expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
    },
  );
});

test.each([
  [
    'no generation',
    { generation: undefined as unknown as number },
    /the generation to abort is missing.*npx sluice abort/,
  ],
  ['a fraction', { generation: 1.5 }, /the generation to abort is 1\.5\. Give a whole number/],
  [
    'an instant that is not one',
    { runStartedAt: 'yesterday' },
    /runStartedAt is "yesterday"\. Give an instant/,
  ],
])('an input with %s is refused', async (_, of, message) => {
  const trial = await startedTrial();
  await trial.begin();
  const input = inputFor(trial, 1, of);
  await expect(revoke(await trial.open(), input)).rejects.toThrow(MalformedInput);
  await expect(revoke(await trial.open(), input)).rejects.toThrow(message);
  expect(await recordOf(trial)).toMatchObject({ status: 'running' });
});
