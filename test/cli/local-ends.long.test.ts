/** `sluice local` ends without one Ctrl-C: it must leave no server and no password, and print no stack. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesIn, Local, makeScratch, processesIn, until } from './local-process';
import { rehearsalTemplate } from '../support/rehearsal-template';

const MINUTES = 60_000;
const scratch = makeScratch();

const leavesNothing = (local: Local): void => {
  expect(processesIn(scratch)).toEqual([]);
  expect(filesIn(scratch)).toEqual([]);
  expect(local.err).not.toMatch(/^ +at /m);
};

/** With the local deployment, once it is ready. */
async function withLocal(act: (local: Local) => Promise<void>): Promise<void> {
  const local = new Local(scratch, '--rows', '100', '--template', await rehearsalTemplate());
  try {
    await local.variables();
    await act(local);
  } finally {
    local.kill();
  }
}

test(
  'a terminal that is closed',
  () =>
    withLocal(async (local) => {
      local.signal('SIGHUP');
      expect(await local.exited).toEqual([null, 'SIGHUP']);
      leavesNothing(local);
    }),
  5 * MINUTES,
);

test(
  'two interrupts in quick succession',
  () =>
    withLocal(async (local) => {
      local.signal();
      await sleep(100);
      local.signal();
      expect([await local.exited, local.err]).toEqual([[0, null], expect.stringMatching(/^ending$/m)]);
      leavesNothing(local);
    }),
  5 * MINUTES,
);

test(
  'a second interrupt when the first takes too long',
  () =>
    withLocal(async (local) => {
      const dataApi = processesIn(scratch).find((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('data-api'),
      );
      // The stopped process does not exit, and the command waits for it.
      process.kill(Number(dataApi), 'SIGSTOP');
      try {
        local.signal();
        await sleep(2_500);
        local.signal();
        expect(await local.exited).toEqual([130, null]);
      } finally {
        process.kill(Number(dataApi), 'SIGCONT');
      }
      expect(local.err).toMatch(/^exited immediately; .*sluice-rehearsal-\w+ was removed$/m);
      await until(
        () => processesIn(scratch).length === 0,
        () => 'its processes are gone',
      );
      leavesNothing(local);
    }),
  5 * MINUTES,
);

test(
  'a closed stdout',
  async () => {
    const local = new Local(scratch, '--rows', '100');
    try {
      await local.says(/^rehearsing/m);
      local.closeStdout();
      expect([await local.exited, local.err]).toEqual([
        [1, null],
        expect.stringMatching(/^sluice: stdout cannot be written \(write EPIPE\); keep its reader open/m),
      ]);
      leavesNothing(local);
    } finally {
      local.kill();
    }
  },
  5 * MINUTES,
);
