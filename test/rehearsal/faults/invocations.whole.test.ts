/** Faults in invocations by state machines, and in the attempts of events. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { inject, type Fault, type Injection } from '../../../src/rehearsal/faults';
import { invokeTwice, throttleInvocation } from '../../../src/rehearsal/faults/invocations';
import { type EventClock, type RunAttempt, startLambdaFixture } from 'local-aws/testing';

const directory = mkdtempSync(join(tmpdir(), 'sluice-invocations-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not hold within 10 s');
    await sleep(10);
  }
}

/** Returns a function that records when each run started, and how long each lasts. @param lastsMs in the order of the runs */
function runs(...lastsMs: number[]): { started: number[]; run: () => Promise<number> } {
  const startedMs = performance.now();
  const started: number[] = [];
  const run = async (): Promise<number> => {
    const ordinal = started.push(performance.now() - startedMs);
    await sleep(lastsMs[ordinal - 1]);
    return ordinal;
  };
  return { started, run };
}

test.each([
  [0.1, 2],
  [0.4, 1],
])(
  'with fraction %d, both runs start at once, and the result of run %i is returned',
  async (fraction, counts) => {
    const { started, run } = runs(20, 20);
    expect(await invokeTwice(run, fraction)).toBe(counts);
    expect(started).toHaveLength(2);
    expect(started[1]! - started[0]!).toBeLessThan(20);
  },
);

test('with a greater fraction, the second run starts up to five seconds later', async () => {
  const { started, run } = runs(0, 0);
  expect(await invokeTwice(run, 0.53)).toBe(1);
  expect(started).toHaveLength(1);
  await until(() => started.length === 2);
  // By (2 × 0.53 − 1) × 5 s.
  expect(started[1]! - started[0]!).toBeGreaterThanOrEqual(290);
});

test('the failure of the other run is ignored', async () => {
  let times = 0;
  const run = async (): Promise<string> => {
    if (++times === 2) throw new Error('the second of two');
    return 'first';
  };
  expect(await invokeTwice(run, 0.4)).toBe('first');
  await sleep(10);
  expect(times).toBe(2);
});

test('a throttled invocation runs nothing, and the error is that of Lambda', async () => {
  expect(throttleInvocation).toThrow(
    expect.objectContaining({
      ...{ name: 'Lambda.TooManyRequestsException', message: 'Rate Exceeded.', payload: undefined },
    }) as Error,
  );
});

const side = { adminUrl: '', clusterArn: '', tables: [], restart: null };
const injecting = (fault: Fault): Promise<Injection> =>
  inject([fault], {
    ...{ seed: 1, note: () => undefined, directory },
    sides: { source: side, target: side },
  });

test.each<[Fault, number]>([
  ['throttle-lambda', -1],
  ['duplicate-invocation', 1],
])('%s: the function runs %i times more than it was invoked', async (fault, more) => {
  const injection = await injecting(fault);
  let [invoked, ran, refused] = [0, 0, 0];
  while (injection.injected.length === 0 && invoked < 100) {
    invoked += 1;
    const invocation = injection.invoke(
      'arn:aws:lambda:eu-west-1:1:function:f:$LATEST',
      async () => (ran += 1),
    );
    await invocation.catch(() => (refused += 1));
  }
  await until(() => ran === invoked + more);
  expect(refused).toBe(fault === 'throttle-lambda' ? 1 : 0);
  expect(injection.injected).toMatchObject([{ fault, function: 'f', point: `at lambda Invoke ${invoked}` }]);
  await injection.close();
});

/** A clock that advances only by its waits, which return immediately. */
function virtualClock(waitsMs: number[]): EventClock {
  return {
    now: () => waitsMs.reduce((sum, ms) => sum + ms, 0),
    sleep: async (ms) => void waitsMs.push(ms),
  };
}

async function send(runAttempt: RunAttempt, waitsMs: number[] = []) {
  const { host, close } = await startLambdaFixture(
    { note: {} },
    { runAttempt, clock: virtualClock(waitsMs) },
  );
  const file = mkdtempSync(join(directory, 'event-')) + '/runs';
  appendFileSync(file, '');
  const { requestId } = await host.sendEvent('note', { file });
  const lines = (): string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  return { host, close, requestId, lines };
}

test('both runs of an event have the same request ID', async () => {
  const { close, requestId, lines, host } = await send((_name, run) => invokeTwice(run, 0.4));
  await until(() => lines().length === 2);
  expect(lines()).toEqual([requestId, requestId]);
  await until(() => host.counters()['note']?.invocations === 2);
  expect(host.counters()['note']).toMatchObject({ errors: 0, eventRetries: 0 });
  await close();
});

test('a throttled event is retried after a second', async () => {
  const waitsMs: number[] = [];
  let attempts = 0;
  const { close, requestId, lines, host } = await send(async (name, run) => {
    expect(name).toBe('note');
    return ++attempts === 1 ? throttleInvocation() : run();
  }, waitsMs);
  await until(() => lines().length === 1);
  expect([lines(), waitsMs]).toEqual([[requestId], [1_000]]);
  expect(host.counters()['note']).toMatchObject({ eventRetries: 1, eventsDropped: 0 });
  await close();
});

test('a late duplicate does not start after the host is closed', async () => {
  const ended: string[] = [];
  let late: Promise<unknown> = Promise.resolve();
  const { host, close, lines } = await send((_name, run) => {
    late = sleep(500)
      .then(run)
      .catch((error: Error) => ended.push(error.message));
    return run();
  });
  await until(() => lines().length === 1);
  await close();
  await late;
  expect(ended).toEqual(['note: the engine is closing']);
  expect(host.environments()).toEqual([]);
});
