/** A worker that read the record before the seal takes no lease after it: the attempt had reserved the seal's epoch in advance. */
import { authorityOf } from '../../src/core/authority';
import { FencedOut } from '../../src/core/errors';
import { scopeOf } from '../../src/core/ledger';
import { LIVE, recordOf } from './live-setup';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

test('a claim from before the seal is fenced out', async () => {
  const trial = await lab.trial({ ...LIVE, definition: { shape: 'cdc', fence: { seconds: 60 } } });
  await trial.begin();
  await trial.walk('verify');
  const { leases, side } = trial.world().ends.target;
  const authority = await authorityOf(trial, await recordOf(trial));
  const [chunk] = await trial.chunks();
  const scope = scopeOf(authority, side, chunk!);
  const { token } = (await leases.read(scope))!;
  expect(await leases.install(authority, scope, token + 1, 1)).not.toBeNull();
  await trial.walk('seal');
  await expect(leases.install(authority, scope, token + 2, 1)).rejects.toThrow(FencedOut);
  expect(await leases.read(scope)).toMatchObject({ open: false });
});
