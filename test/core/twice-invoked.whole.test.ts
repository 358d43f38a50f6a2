/** Lambda may run an invocation twice at the same time: neither of the two may fail because of the other. */
import type { Stage } from '../../src/contract/lifecycle';
import { flip } from '../../src/core/cutover/flip';
import { openSide } from '../../src/core/cutover/open-side';
import { seal } from '../../src/core/cutover/seal';
import { fence } from '../../src/core/stages/fence';
import { prepare } from '../../src/core/stages/prepare';
import type { StageContext } from '../../src/core/world';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const STEPS: readonly [Stage, Stage, (context: StageContext) => Promise<unknown>][] = [
  ['prepare', 'preflight', prepare],
  ['fence', 'prepare', fence],
  ['seal', 'verify', seal],
  ['flip', 'seal', flip],
  ['open', 'flip', openSide],
];

test.each(STEPS)('%s, after %s', async (stage, before, step) => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10)',
  });
  await trial.begin();
  await trial.walk(before);
  await Promise.all([step(trial.context()), step(trial.context())]);
  expect(await trial.control.record(trial.name)).toMatchObject({ stage });
  await trial.walk('open');
  expect(await trial.target.rows('t')).toHaveLength(10);
});
