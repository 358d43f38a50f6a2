/** Runs one seed of each shape, as a user would; `npm run chaos` runs any number. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ChaosReport } from '../../../src/rehearsal/chaos';

const SLUICE = join(__dirname, '..', '..', '..', 'bin', 'sluice.js');
const FAULTS = 'kill-after-call,lost-response,twice-late,throttle,dynamodb-500,duplicate-invocation';
const MINUTES = 60_000;

test(
  'two seeds with the faults that they draw are consistent',
  async () => {
    const args = ['chaos', '--seeds', '2', '--rows', '200', '--faults', FAULTS, '--json'];
    const child = spawn(process.execPath, [SLUICE, ...args]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    const code = await new Promise((done) => child.once('close', done));
    const report = JSON.parse(out.trimEnd().split('\n').at(-1)!) as ChaosReport;
    expect({ code, err, report }).toMatchObject({
      code: 0,
      report: { seeds: 2, consistent: 2, lost: 0, doubled: 0, two_writers: 0, inconsistent: [] },
    });
    expect(report.observations).toBeGreaterThan(10);
    expect(Object.values(report.faults).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(2);
    expect(err).toMatch(/seed 1, orders-live, .*: consistent/);
    expect(err).toMatch(/seed 2, orders, .*: consistent/);
  },
  15 * MINUTES,
);
