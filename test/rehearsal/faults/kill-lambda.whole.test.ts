/** Kills real processes during their invocations, at times that a seed determines. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaKiller, type Kill } from '../../../src/rehearsal/faults/kill-lambda';
import { startLambdaFixture } from 'local-aws/testing';

interface Killings {
  /** For each invocation, in order: whether its process was killed. */
  readonly killed: readonly boolean[];
  readonly kills: readonly Kill[];
}

/** Invokes a function repeatedly, one invocation after the other, with a killer. */
async function invokeUnderKiller(options: {
  seed: number;
  invocations: number;
  ms: number;
  pauseMs: number;
}): Promise<Killings> {
  const kills: Kill[] = [];
  const { onInvocation } = new LambdaKiller({ ...options, onKill: (kill) => kills.push(kill) });
  const { host, close } = await startLambdaFixture({ sleep: {} }, { onInvocation });
  const killed: boolean[] = [];
  try {
    for (let index = 0; index < options.invocations; index++) {
      const error = await host.invokeLambda('sleep', { ms: options.ms }).then(
        () => undefined,
        (failure: Error) => failure,
      );
      if (error !== undefined) {
        expect(error.name).toBe('Runtime.ExitError');
        expect(error.message).toContain('Runtime exited with error: signal: killed');
      }
      killed.push(error !== undefined);
    }
  } finally {
    await close();
  }
  return { killed, kills };
}

test('a killed invocation fails as on AWS, is reported, and the function continues in a new process', async () => {
  const { killed, kills } = await invokeUnderKiller({ seed: 1, invocations: 12, ms: 150, pauseMs: 1 });
  expect(kills).toHaveLength(killed.filter(Boolean).length);
  expect(killed.at(-1)).toBe(false);
  for (const kill of kills) {
    expect(kill).toMatchObject({ function: 'sleep' });
    expect(kill.afterMs).toBeLessThan(250);
    expect(Math.abs(Date.parse(kill.at) - Date.now())).toBeLessThan(60_000);
  }
});

test('a function is killed once at first, then more and more rarely, so that it can finish', async () => {
  const { killed } = await invokeUnderKiller({ seed: 2, invocations: 20, ms: 120, pauseMs: 1 });
  const count = killed.filter(Boolean).length;
  expect(count).toBeGreaterThanOrEqual(2);
  expect(count).toBeLessThanOrEqual(3);
  expect(killed.slice(0, 7).filter(Boolean).length).toBe(1);
});

test('the same seed kills the same invocations, another seed others', async () => {
  // Long compared with the delays of a busy machine, because an invocation that has ended cannot be killed.
  const options = { invocations: 5, ms: 800, pauseMs: 1 };
  const seeds = [3, 3, 4, 5, 6, 7, 8];
  const results = await Promise.all(seeds.map((seed) => invokeUnderKiller({ ...options, seed })));
  const [first, again, ...others] = results.map(({ killed }) => killed.join());
  expect(again).toBe(first);
  expect(new Set(others).size).toBeGreaterThan(1);
});

test('any two kills are at least the pause apart, even with concurrent functions', async () => {
  const at: number[] = [];
  const { onInvocation } = new LambdaKiller({
    seed: 1,
    pauseMs: 400,
    onKill: () => at.push(performance.now()),
  });
  const names = ['a', 'b', 'c', 'd'];
  const functions = Object.fromEntries(names.map((name) => [name, { handler: 'index.sleep' }]));
  const { host, close } = await startLambdaFixture(functions, { onInvocation });
  const invokeSleep = (name: string): Promise<unknown> =>
    host.invokeLambda(name, { ms: 700 }).catch((error: Error) => error.name);
  try {
    for (let round = 0; round < 3; round++) await Promise.all(names.map(invokeSleep));
  } finally {
    await close();
  }
  expect(at.length).toBeGreaterThanOrEqual(3);
  for (const [index, each] of at.slice(1).entries()) expect(each - at[index]!).toBeGreaterThanOrEqual(400);
});

test('does not kill an invocation that has ended', async () => {
  const kills: boolean[] = [];
  const { host, close } = await startLambdaFixture(
    { count: {} },
    { onInvocation: ({ kill }) => void sleep(200).then(() => kills.push(kill())) },
  );
  try {
    const first = await host.invokeLambda('count', {});
    await sleep(300);
    expect(kills).toEqual([false]);
    expect((await host.invokeLambda('count', {})).payload).toEqual({
      ...(first.payload as object),
      calls: 2,
    });
  } finally {
    await close();
  }
});
