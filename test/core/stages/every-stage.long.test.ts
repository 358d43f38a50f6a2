/** Kills, resumes and aborts migrations at every stage. */
import { stagesOf } from '../../../src/contract/lifecycle';
import { startLab, type Lab } from '../../support/world';
import * as live from './live';
import * as offline from './offline';

let started: Lab;
const lab = (): Lab => started;
beforeAll(async () => {
  started = await startLab();
});
afterEach(() => started.endTrials());
afterAll(() => started.stop());

describe('shape cdc', () => {
  live.resumesAfterKill(stagesOf('cdc'), lab);
  live.abortsAfter(live.ABORTABLE, lab);
  live.abortsInterrupted(live.ABORTABLE, lab);
  live.abortsUnderWrites(['plan', 'backfill', 'catch-up', 'fence', 'drain'], lab);
});

describe.each(offline.TABLES)('shape offline, with %s', (_what, setup) => {
  offline.abortsAfter(['claim-migration', ...offline.ABORTABLE], setup, lab);
  offline.abortsInterrupted(offline.ABORTABLE, setup, lab);
});
