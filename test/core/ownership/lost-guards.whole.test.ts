/** An adoption dies after the first guard, the target's: the original decides nothing from then on, and can be continued. */
import { ForeignOwner } from '../../../src/core/errors';
import { startLab, type Lab, type Setup, type Trial } from '../../support/world';
import { adoptAll, bothOpen, OtherLedger } from './planes';

let lab: Lab;
let other: OtherLedger;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  other = await OtherLedger.start();
});
afterEach(async () => {
  await lab.endTrials();
  await other.stop();
});

const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  definition: { fence: { minutes: 10 } },
};

/** The target's guard belongs to a copy of the ledger, and the source's to the original, whose rows are verified. */
async function halfAdopted(): Promise<Trial> {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk('verify');
  await other.restoreFrom(lab.dynamodb);
  let calls = 0;
  const dying = other.ownership(trial, (_, guards) => ({
    adopt: (...call) => {
      calls += 1;
      return calls === 2 ? Promise.reject(new Error('killed')) : guards.adopt(...call);
    },
  }));
  await expect(adoptAll(dying)).rejects.toThrow('killed');
  return trial;
}

test('the original seals nothing and does not decide the flip', async () => {
  const trial = await halfAdopted();
  await expect(trial.walk('open')).rejects.toThrow(ForeignOwner);
  expect(await trial.control.recordOrFail(trial.name)).toMatchObject({ writes: 'source→target#1' });
  expect(await trial.guard('source')).toMatchObject({ state: 'fenced' });
});

test('the original takes its target back, and aborts', async () => {
  const trial = await halfAdopted();
  await expect(trial.walk('open')).rejects.toThrow(ForeignOwner);
  const plan = await adoptAll({ ...other.ownership(trial), control: trial.control });
  expect(plan.adopted).toMatchObject({ status: 'held', writes: 'source' });
  await trial.abort();
  expect([await bothOpen(trial), await trial.target.count('t')]).toEqual([[true, true], 0]);
});
