/** Invocations of versions and aliases, and deployments that replace versions while they run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FunctionResource } from '../../src/assembly';
import { parseReference, withoutQualifier } from '../../src/function-names';
import { functionState, startLambdaFixture, type LambdaFixture } from '../../src/testing/lambda';

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:context';

let fixture: LambdaFixture;
let latest: FunctionResource;

beforeEach(async () => {
  fixture = await startLambdaFixture({ context: {}, other: { handler: 'index.echo' } });
  latest = resourceOf('context');
  fixture.host.apply({
    context: functionState(
      latest,
      { 1: { ...latest, environment: { STAGE: 'one' } }, 2: { ...latest, handler: 'index.variables' } },
      { live: '1', newest: '$LATEST' },
    ),
  });
});
afterEach(() => fixture.close());

const resourceOf = (name: string, changes: Partial<FunctionResource> = {}): FunctionResource => ({
  logicalId: name,
  name,
  arn: `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
  handler: `index.${name}`,
  runtime: 'nodejs24.x',
  architecture: 'arm64',
  codeDirectory: fixture.stateDirectory,
  codeKey: 'code.zip',
  timeoutSeconds: 10,
  memoryMegabytes: 256,
  environment: {},
  roleArn: 'arn:aws:iam::111122223333:role/none',
  reservedConcurrency: undefined,
  traces: false,
  ...changes,
});

const invoke = async (name: string, payload: unknown = {}) => {
  const { payload: result, executedVersion } = await fixture.host.invokeLambda(name, payload);
  return { executedVersion, ...(result as Record<string, unknown>) };
};
const post = (name: string, query = '', headers: Record<string, string> = {}) =>
  fetch(`${fixture.host.url}/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query}`, {
    method: 'POST',
    body: '{}',
    headers,
  });
const errorOf = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('x-amzn-errortype'),
  message: ((await response.json()) as { Message: string }).Message,
});

test.each([
  ['context', '$LATEST', ARN],
  ['context:$LATEST', '$LATEST', `${ARN}:$LATEST`],
  ['context:1', '1', `${ARN}:1`],
  ['context:live', '1', `${ARN}:live`],
  ['context:newest', '$LATEST', `${ARN}:newest`],
  ['function:context:live', '1', `${ARN}:live`],
  ['111122223333:function:context:1', '1', `${ARN}:1`],
  [ARN, '$LATEST', ARN],
  [`${ARN}:live`, '1', `${ARN}:live`],
])('%s invokes %s, and the context has the invoked ARN', async (name, version, invokedFunctionArn) => {
  expect(await invoke(name)).toMatchObject({
    executedVersion: version,
    functionVersion: version,
    invokedFunctionArn,
    functionName: 'context',
  });
});

test('a version runs with its own configuration and AWS_LAMBDA_FUNCTION_VERSION', async () => {
  const variables = await invoke('context:2');
  expect(variables).toMatchObject({ AWS_LAMBDA_FUNCTION_VERSION: '2', AWS_LAMBDA_FUNCTION_NAME: 'context' });
});

test('Qualifier selects the version, and the response names the one that was executed', async () => {
  const response = await post('context', '?Qualifier=live');
  expect([response.status, response.headers.get('x-amz-executed-version')]).toEqual([200, '1']);
  expect((await post('context:1', '?Qualifier=1')).headers.get('x-amz-executed-version')).toBe('1');
  expect((await post('context')).headers.get('x-amz-executed-version')).toBe('$LATEST');
});

test('a failed invocation names the version that failed', async () => {
  fixture.host.apply({
    context: functionState(latest, { 7: { ...latest, handler: 'index.missing' } }),
  });
  const response = await post('context:7');
  expect([
    response.headers.get('x-amz-function-error'),
    response.headers.get('x-amz-executed-version'),
  ]).toEqual(['Unhandled', '7']);
});

test('a Qualifier that contradicts the name is refused', async () => {
  expect(await errorOf(await post('context:1', '?Qualifier=2'))).toEqual({
    status: 400,
    type: 'InvalidParameterValueException',
    message: 'The derived qualifier from the function name does not match the specified qualifier.',
  });
});

test.each(['RequestResponse', 'Event', 'DryRun'])(
  'an unknown version or alias is not found by %s, and the error lists the known ones',
  async (type) => {
    for (const qualifier of ['3', 'gone']) {
      const refused = await post('context', `?Qualifier=${qualifier}`, { 'x-amz-invocation-type': type });
      expect(await errorOf(refused)).toEqual({
        status: 404,
        type: 'ResourceNotFoundException',
        message: `Function not found: ${ARN}:${qualifier}; existing versions and aliases of context: 1, 2, live, newest`,
      });
    }
  },
);

test('an ARN of another account or Region is not found', async () => {
  for (const arn of [ARN.replace('111122223333', '999999999999'), ARN.replace('eu-west-1', 'us-east-1')])
    await expect(fixture.host.invokeLambda(arn, {})).rejects.toMatchObject({
      name: 'Lambda.ResourceNotFoundException',
    });
});

test('versions have environments of their own, and share log, counters and names in fault hooks', async () => {
  await Promise.all([invoke('context'), invoke('context:1'), invoke('context:live')]);
  const versions = fixture.host.environments().map(({ functionName, version }) => [functionName, version]);
  expect(versions.sort()).toEqual([
    ['context', '$LATEST'],
    ['context', '1'],
    ['context', '1'],
  ]);
  expect(fixture.host.counters()).toMatchObject({
    context: { invocations: 3, coldStarts: 3, environmentsMax: 3 },
  });
  const log = readFileSync(join(fixture.stateDirectory, 'logs', 'context.log'), 'utf8');
  expect(log.match(/Version: .*/g)?.sort()).toEqual(['Version: $LATEST', 'Version: 1', 'Version: 1']);
  expect([
    withoutQualifier(`${ARN}:live`),
    withoutQualifier('context:1'),
    withoutQualifier('context'),
  ]).toEqual([ARN, 'context', 'context']);
});

test('the versions of a function share its concurrency', async () => {
  const sleeper = resourceOf('sleep', { reservedConcurrency: 2 });
  fixture.host.apply({ sleep: functionState(sleeper, { 1: sleeper }, { live: '1' }) });
  const busy = ['sleep', 'sleep:1'].map((name) => fixture.host.invokeLambda(name, { ms: 300 }));
  await expect(fixture.host.invokeLambda('sleep:live', { ms: 0 })).rejects.toMatchObject({
    name: 'Lambda.TooManyRequestsException',
    reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });
  await Promise.all(busy);
  expect(await fixture.host.invokeLambda('sleep:live', { ms: 0 })).toMatchObject({ executedVersion: '1' });
});

test('a reservation that changes during invocations leaves no concurrency taken', async () => {
  const sleeper = resourceOf('sleep');
  const apply = (reservedConcurrency: number | undefined) =>
    fixture.host.apply({ sleep: functionState({ ...sleeper, reservedConcurrency }) });
  apply(undefined);
  const shared = fixture.host.invokeLambda('sleep', { ms: 200 });
  apply(1);
  await expect(fixture.host.invokeLambda('sleep', { ms: 0 })).rejects.toMatchObject({
    reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });
  await shared;
  await fixture.host.invokeLambda('sleep', { ms: 0 });
  apply(undefined);
  await fixture.host.invokeLambda('sleep', { ms: 0 });
});

test('metrics name the qualifier that was invoked', async () => {
  const metrics: unknown[] = [];
  const { host, close } = await startLambdaFixture(
    { echo: {} },
    { onMetric: (metric) => metrics.push(metric) },
  );
  try {
    await host.invokeLambda('echo', {});
    await host.invokeLambda('echo:$LATEST', {});
  } finally {
    await close();
  }
  expect(metrics).toContainEqual({
    functionName: 'echo',
    qualifier: undefined,
    name: 'Invocations',
    value: 1,
  });
  expect(metrics).toContainEqual({
    functionName: 'echo',
    qualifier: '$LATEST',
    name: 'Invocations',
    value: 1,
  });
});

test('an invocation that runs during a deployment ends on its own version, and the next one sees the new $LATEST', async () => {
  const sleeper = resourceOf('sleep');
  fixture.host.apply({ sleep: functionState(sleeper, { 1: sleeper }) });
  const running = ['sleep', 'sleep:1'].map((name) => fixture.host.invokeLambda(name, { ms: 500 }));
  while (fixture.host.environments().filter(({ requestId }) => requestId !== undefined).length < 2)
    await sleep(10);
  fixture.host.apply({ sleep: functionState({ ...sleeper, handler: 'index.variables' }) });
  expect(await invoke('sleep')).toMatchObject({ AWS_LAMBDA_FUNCTION_NAME: 'sleep' });
  await expect(fixture.host.invokeLambda('sleep:1', {})).rejects.toMatchObject({
    name: 'Lambda.ResourceNotFoundException',
  });
  const results = await Promise.all(running);
  expect(results.map(({ executedVersion }) => executedVersion)).toEqual(['$LATEST', '1']);
  for (let waited = 0; fixture.host.environments().length > 1 && waited < 5_000; waited += 20)
    await sleep(20);
  expect(fixture.host.environments()).toHaveLength(1);
});

test('a deployment that does not change a function keeps its warm environments', async () => {
  const count = resourceOf('count');
  fixture.host.apply({ count: functionState(count) });
  const first = await invoke('count');
  fixture.host.apply({ count: functionState({ ...count, reservedConcurrency: 9 }) });
  expect(await invoke('count')).toEqual({ ...first, calls: 2 });
});

test('an event of an alias runs on the version that the alias has at each attempt', async () => {
  const file = join(fixture.stateDirectory, 'notes');
  const noter = resourceOf('note');
  fixture.host.apply({ note: functionState(noter, { 1: noter }, { live: '1' }) });
  const { requestId } = await fixture.host.sendEvent('note:live', { file });
  for (
    let waited = 0;
    (fixture.host.counters()['note']?.invocations ?? 0) === 0 && waited < 5_000;
    waited += 20
  )
    await sleep(20);
  expect(readFileSync(file, 'utf8')).toBe(`${requestId}\n`);
  const log = readFileSync(join(fixture.stateDirectory, 'logs', 'note.log'), 'utf8');
  expect(log).toContain('Version: 1\n');
});

test.each(['', 'a b', 'context:', ':1', 'arn:aws:lambda:eu-west-1:111122223333:layer:context'])(
  '%j names no function',
  (text) => {
    expect(parseReference(text)).toBeUndefined();
  },
);
