/** A generation continues with the code that it records, until an upgrade moves it to other code. */
import type { Claim } from '../../src/core/execution/claim-migration';
import { WrongState } from '../../src/core/errors';
import type { MigrationRecord } from '../../src/core/ledger';
import { nextSync } from '../../src/core/sync/next-sync';
import { DEPLOYED } from '../support/deployed';
import { roundOf } from '../support/sync';
import { startLab, type Lab, type Trial } from '../support/world';

const SETUP = { tables: 'CREATE TABLE t (id int PRIMARY KEY)', definition: { shape: 'cdc' } } as const;
const OLD = DEPLOYED.code;
const NEW: Partial<Claim> = { code: 'c0de0002', syncMachine: 'arn:sync:2' };
const UPGRADE: Partial<Claim> = { ...NEW, continueWith: 'deployed' };

let lab: Lab;
let trial: Trial;
beforeAll(async () => {
  lab = await startLab();
});
beforeEach(async () => {
  trial = await lab.trial(SETUP);
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const record = () => trial.control.recordOrFail(trial.name);
const round = (execution: string, code = OLD) =>
  nextSync(trial.world(), { ...roundOf(trial, execution), code });

/** A generation whose owning execution and whose Sync are running. */
async function running(): Promise<void> {
  await trial.begin('old');
  for (const stage of ['preflight', 'prepare', 'start-capture', 'plan'] as const) await trial.stage(stage);
  trial.running.add('old').add('sync-old');
  await round('sync-old');
}

/** Sets what only another version of the code, or another stage, would have recorded. */
const rewrite = async (changes: Partial<MigrationRecord>): Promise<void> => {
  const seen = await record();
  await trial.control.takeOver(seen, seen.execution!, changes);
};

test('a generation records its code when it starts', async () => {
  await trial.begin('old');
  expect(await record()).toMatchObject(DEPLOYED);
});

test('an execution of other code is refused with both versions and both remedies, and changes nothing', async () => {
  await running();
  const before = await record();
  for (const free of [false, true]) {
    if (free) trial.running.clear();
    await expect(trial.begin('new', trial.world(), NEW)).rejects.toThrow(
      `generation 1 of migration ${trial.name} runs code version c0de0001, and this execution runs c0de0002. Continue with c0de0001: npx sluice resume ${trial.name}. Or move it to the deployed version: npx sluice upgrade ${trial.name}`,
    );
    await expect(trial.begin('new', trial.world(), NEW)).rejects.toThrow(WrongState);
  }
  expect(await record()).toEqual(before);
});

test('after an abort, the next generation runs the deployed code', async () => {
  await trial.begin('old');
  await trial.abort();
  await trial.begin('new', trial.world(), NEW);
  expect(await record()).toMatchObject({ generation: 2, ...NEW });
});

describe('an upgrade', () => {
  test('stops both executions, records the new code and continues', async () => {
    await running();
    const run = await trial.begin('new', trial.world(), UPGRADE);
    expect(run).toMatchObject({ generation: 1, execution: 'new' });
    expect([...trial.running]).toEqual([]);
    expect(await record()).toMatchObject({
      ...{ status: 'running', execution: 'new', stage: 'plan', sync: null, reason: null },
      ...NEW,
    });
    expect((await trial.events()).slice(-1)).toEqual(['upgraded']);
    const [entry] = await trial.control.journal.last(trial.name, 1);
    expect(entry!.evidence).toMatchObject({ before: 'old', fromCode: OLD, toCode: NEW.code });
  });

  test('ends Sync of the earlier code at its next round, and lets that of the new code take the role', async () => {
    await running();
    await trial.begin('new', trial.world(), UPGRADE);
    // It was not stopped in time.
    trial.running.add('sync-old');
    expect(await round('sync-old')).toEqual({ verdict: 'over', items: [] });
    expect(await round('sync-new', NEW.code)).toMatchObject({ verdict: 'apply' });
    expect(await round('sync-renewed')).toEqual({ verdict: 'over', items: [] });
    expect(await record()).toMatchObject({ sync: 'sync-new' });
  });

  test('of a held migration continues it', async () => {
    await running();
    await trial.control.release(trial.name, 'old', 'held', 'a failure');
    await trial.begin('new', trial.world(), UPGRADE);
    expect(await record()).toMatchObject({ status: 'running', execution: 'new', ...NEW });
  });

  test('to the recorded code is a resume', async () => {
    await running();
    trial.running.clear();
    await trial.begin('next', trial.world(), { continueWith: 'deployed' });
    expect((await trial.events()).slice(-1)).toEqual(['resumed']);
  });

  test('that died after the hold is finished by the next attempt', async () => {
    await running();
    const dying = { ...trial.world(), stop: () => Promise.reject(new Error('died')) };
    await expect(trial.begin('new', dying, UPGRADE)).rejects.toThrow('died');
    expect(await record()).toMatchObject({ status: 'held', execution: 'old', code: OLD });
    await trial.begin('newer', trial.world(), UPGRADE);
    expect([...trial.running]).toEqual([]);
    expect(await record()).toMatchObject({ status: 'running', execution: 'newer', ...NEW });
  });

  test('does not revive a generation whose abort was decided after the hold', async () => {
    await running();
    const stop = async () => {
      trial.running.clear();
      await trial.control.decideAbort(await record(), 'an operator aborted it');
    };
    await expect(trial.begin('new', { ...trial.world(), stop }, UPGRADE)).rejects.toThrow(
      `migration ${trial.name} is aborting in generation 1 since it was put on hold, so it was not upgraded`,
    );
    expect(await record()).toMatchObject({ status: 'aborting', code: OLD });
  });

  test('does not take the generation from another upgrade that was first', async () => {
    await running();
    const stop = async () => {
      trial.running.clear();
      await trial.begin('first', trial.world(), UPGRADE);
    };
    const second = trial.begin('second', { ...trial.world(), stop }, UPGRADE);
    await expect(second).rejects.toThrow('is being run by first');
    expect(await record()).toMatchObject({ status: 'running', execution: 'first', ...NEW });
  });

  test('of which there are several at once succeeds once', async () => {
    await running();
    const claims = await Promise.allSettled(
      ['a', 'b', 'c'].map((execution) => trial.begin(execution, trial.world(), UPGRADE)),
    );
    const winners = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []));
    expect(winners).toHaveLength(1);
    expect(await record()).toMatchObject({ execution: winners[0]!.execution, ...NEW });
    expect((await trial.events()).filter((event) => event === 'upgraded')).toHaveLength(1);
  });

  test('excludes a cutover: of the two, one decides', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const other = lab.trialOn(trial.source, trial.target, {});
      await other.begin('old');
      const seen = await other.control.recordOrFail(other.name);
      const [held, intended] = await Promise.all([
        other.control.hold(seen, 'an upgrade'),
        other.control.intendCutover(seen),
      ]);
      expect([held, intended !== null].filter(Boolean)).toHaveLength(1);
    }
  });
});

describe('an upgrade is refused, and changes nothing,', () => {
  /** @returns the refusal */
  async function refused(): Promise<string> {
    const [before, executions] = [await record(), [...trial.running]];
    const refusal = await trial.begin('new', trial.world(), UPGRADE).then(
      () => 'upgraded',
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(WrongState);
    expect(await record()).toEqual(before);
    expect([...trial.running]).toEqual(executions);
    return String(refusal);
  }

  test('inside a cutover', async () => {
    await running();
    await trial.control.intendCutover(await record());
    expect(await refused()).toContain(
      'writes are source→target#1: wait until the cutover has finished or was cancelled, then upgrade',
    );
  });

  test('after the flip, until the generation is done', async () => {
    await running();
    await rewrite({ writes: 'target' });
    expect(await refused()).toContain('the target serves writes: let the recorded version finish');
  });

  test('for every incompatibility at once', async () => {
    await running();
    await rewrite({
      captureLost: 'TRUNCATE',
      stages: ['preflight', 'prepare', 'warm-up', 'start-capture', 'plan', 'backfill'],
    });
    const refusal = await refused();
    expect(refusal).toContain(
      'it has finished preflight, prepare, warm-up, start-capture, plan; the deployed code would have finished preflight, prepare, start-capture, plan',
    );
    expect(refusal).toContain('changes of the source may be missing');
    expect(refusal).toContain(`Continue with the recorded version: npx sluice resume ${trial.name}`);
  });

  test('if the deployed code has no such stage', async () => {
    await running();
    const stages = ['preflight', 'prepare', 'start-capture', 'plan', 'warm-up'];
    await rewrite({ stages, stage: 'warm-up' as MigrationRecord['stage'] });
    expect(await refused()).toContain('the deployed code has no stage warm-up');
  });

  test('if the deployed code has no such shape', async () => {
    await running();
    await rewrite({ shape: 'blue-green' as MigrationRecord['shape'] });
    expect(await refused()).toContain("it has shape 'blue-green', which the deployed code does not have");
  });
});
