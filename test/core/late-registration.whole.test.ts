/** An abort drops the schema with the epochs in it. A late registration of its generation is refused all the same. */
import { FencedOut, TransientFailure } from '../../src/core/errors';
import { SIDES } from '../../src/contract/sides';
import type { Authority } from '../../src/core/ports';
import { startLab, type Lab, type Trial } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

const TABLES = [{ schema: 'shop', name: 't' }];

let lab: Lab;
let trial: Trial;
/** Of a call of generation 1 that is delivered late. */
let late: Authority;
beforeAll(async () => {
  lab = await startLab();
});
beforeEach(async () => {
  trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
  await trial.begin('first');
  await trial.walk('prepare');
  late = await trial.authority();
  await trial.abort();
  await trial.begin('second');
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

test('by the next installation, before the next registration', async () => {
  const { ends } = trial.world();
  const { epoch } = await trial.control.recordOrFail(trial.name);
  for (const side of SIDES) {
    const { installer, guard } = ends[side];
    await installer.install(LOGIN_NAMES, { ...late, generation: 2, epoch });
    await expect(installer.register(late, TABLES, 'sluice_worker')).rejects.toThrow(FencedOut);
    expect(await guard.readGuard(late)).toBeNull();
  }
  await trial.stage('preflight');
  await trial.stage('prepare');
  expect(await trial.guard('target')).toMatchObject({ state: 'dark' });
});

test('by a removal of a generation that was not registered yet', async () => {
  const { installer } = trial.world().ends.target;
  const own = { ...late, generation: 2 };
  await installer.install(LOGIN_NAMES, { ...own, epoch: late.epoch + 10 });
  const [tombstone] = await trial.target.sql('SELECT generation FROM sluice.guard');
  expect(Number(tombstone!.generation)).toBe(1);
  // Another migration's guard keeps the schema.
  await installer.register(
    { ...own, migration: 'another', epoch: 1 },
    [{ schema: 'shop', name: 'other' }],
    'sluice_worker',
  );
  await installer.uninstall({ ...own, epoch: late.epoch + 12 });
  await expect(
    installer.register({ ...own, epoch: late.epoch + 11 }, TABLES, 'sluice_worker'),
  ).rejects.toThrow(FencedOut);
});

test('and a registration whose schema was dropped since its installation is repeated', async () => {
  const { installer } = trial.world().ends.source;
  const registration = installer.register(
    { ...late, generation: 2, epoch: late.epoch + 10 },
    TABLES,
    'sluice_worker',
  );
  await expect(registration).rejects.toThrow(TransientFailure);
});
