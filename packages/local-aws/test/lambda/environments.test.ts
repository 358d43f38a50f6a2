/** Start and end of environments outside invocations, and the endpoint for SDKs and the CLI. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startLambdaFixture } from '../../src/testing/lambda';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not become true within 5 s');
    await sleep(10);
  }
}

test('environments started by `warm` serve invocations, and idle environments are closed', async () => {
  const { host, close } = await startLambdaFixture({ count: {} }, { idleMsMax: 1_500 });
  try {
    await host.warm('count', 2);
    const pids = host.environments().map(({ pid }) => pid);
    expect(pids).toHaveLength(2);
    expect(pids).toContain(((await host.invokeLambda('count', {})).payload as { pid: number }).pid);
    await until(() => host.environments().length === 0);
    await until(() => !pids.some(isAlive));
  } finally {
    await close();
  }
});

test('closing the host kills every environment, busy or idle', async () => {
  const { host, close } = await startLambdaFixture({ sleep: {} });
  host.invokeLambda('sleep', { ms: 60_000 }).catch(() => undefined);
  await host.warm('sleep', 1);
  const pids = host.environments().map(({ pid }) => pid);
  expect(pids).toHaveLength(2);
  await close();
  expect(pids.filter(isAlive)).toEqual([]);
});

test('environments end with the process that started them, even if that is killed', async () => {
  const starter = fork(join(__dirname, 'starter.ts'), [], { execArgv: ['--import', 'tsx'] });
  type Started = { pid: number; stateDirectory: string };
  const [{ pid, stateDirectory }] = (await once(starter, 'message')) as [Started];
  expect(isAlive(pid)).toBe(true);
  starter.kill('SIGKILL');
  await until(() => !isAlive(pid));
  rmSync(stateDirectory, { recursive: true });
});

test('the endpoint responds to Invoke as Lambda does', async () => {
  const { host, close } = await startLambdaFixture({ echo: {}, failsByName: {} });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${host.url}/2015-03-31/functions/${path}/invocations`, { method: 'POST', body, headers });
  try {
    const succeeded = await post('echo', '{"a":1}');
    expect([succeeded.status, await succeeded.json()]).toEqual([200, { a: 1 }]);
    expect(succeeded.headers.get('x-amz-executed-version')).toBe('$LATEST');

    const failed = await post('failsByName', '{}');
    expect([failed.status, failed.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
    expect(await failed.json()).toMatchObject({ errorType: 'OutOfStock', errorMessage: '3 items' });

    const notJson = await post('echo', '{');
    expect([notJson.status, notJson.headers.get('x-amzn-errortype')]).toEqual([
      400,
      'InvalidRequestContentException',
    ]);
    const unknown = await post('unheard-of', '{}');
    expect([unknown.status, unknown.headers.get('x-amzn-errortype')]).toEqual([
      404,
      'ResourceNotFoundException',
    ]);
  } finally {
    await close();
  }
});
