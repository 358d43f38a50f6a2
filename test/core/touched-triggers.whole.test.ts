/** The owner of a dark target's tables opens it by its triggers: what was written meanwhile was never compared. */
import { VerificationFailed } from '../../src/core/errors';
import { startLab, type Lab } from '../support/world';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const TRIGGERS = {
  'disabled and enabled again':
    'ALTER TABLE t DISABLE TRIGGER ALL; ALTER TABLE t ENABLE ALWAYS TRIGGER sluice_guard_1',
  'enabled as ordinary triggers': 'ALTER TABLE t ENABLE TRIGGER USER',
  dropped: 'DROP TRIGGER sluice_guard_1 ON t',
};

describe.each([
  ['offline', 'verify', 'open'],
  ['cdc', 'catch-up', 'stop-capture'],
] as const)('%s', (shape, before, last) => {
  test.each(Object.entries(TRIGGERS))(
    'triggers of the target that were %s hold the migration',
    async (_, sql) => {
      const trial = await lab.trial({
        tables: 'CREATE TABLE t (id int PRIMARY KEY)',
        seed: 'INSERT INTO t SELECT generate_series(1, 150)',
        definition: { shape },
      });
      await trial.begin();
      await trial.walk(before);
      await trial.target.sql(sql, 'app_owner');
      await expect(trial.walk(last)).rejects.toThrow(VerificationFailed);
      await expect(trial.walk(last)).rejects.toThrow(
        /tables of the target of migration move-\d+ were changed by another login since it was closed: a trigger of the guard, or its function, was disabled, dropped or replaced/,
      );
      expect((await recordOf(trial)).writes).not.toBe('target');
    },
  );
});
