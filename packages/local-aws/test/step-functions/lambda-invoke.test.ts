import {
  closeTestStepFunctions,
  detailsOf,
  functionArn,
  functionError,
  lambdaTask,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

afterEach(closeTestStepFunctions);

const sending = (Payload: unknown): object =>
  lambdaTask('echo', { Parameters: { FunctionName: functionArn('echo'), Payload } });

describe('the payload', () => {
  // As recorded on AWS, a string is the request body.
  test.each([
    ['{"a":[1]}', { a: [1] }],
    ['0', 0],
    ['"text"', 'text'],
    ['null', null],
    ['', {}],
    [null, {}],
    [{ text: '{"a":1}' }, { text: '{"a":1}' }],
    [
      [1, '2'],
      [1, '2'],
    ],
  ])('the function receives %j as %j', async (payload, received) => {
    const payloads: unknown[] = [];
    const engine = await startTestStepFunctions({ echo: (given) => void payloads.push(given) });
    const { events, outcome } = await runStateMachine(engine, singleState(sending(payload)));
    expect(outcome.status).toBe('SUCCEEDED');
    expect(payloads).toEqual([received]);
    const { parameters } = detailsOf(events.find(({ type }) => type === 'TaskScheduled'));
    expect(JSON.parse(String(parameters))).toEqual({ FunctionName: functionArn('echo'), Payload: payload });
  });

  test('a string that is not JSON fails with the error of Lambda', async () => {
    const calls: unknown[] = [];
    const engine = await startTestStepFunctions({ echo: (given) => void calls.push(given) });
    const { outcome, types } = await runStateMachine(engine, singleState(sending('Hello')));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Lambda.InvalidRequestContentException' });
    expect(outcome.cause).toMatch(
      /^Could not parse request body into json: .*Hello.* \(Service: AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    );
    expect(types).toContain('TaskFailed');
    expect(calls).toEqual([]);
  });
});

test('the result contains the response headers in two forms', async () => {
  const engine = await startTestStepFunctions({ echo: () => 'é' });
  const { output } = await runStateMachine(engine, singleState(lambdaTask('echo')));
  const headers = {
    Connection: 'keep-alive',
    'Content-Length': '4',
    'Content-Type': 'application/json',
    Date: 'Sat, 31 Jan 2026 12:00:00 GMT',
    'X-Amz-Executed-Version': '$LATEST',
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': 'request-1',
    'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0$/) as string,
  };
  expect(output).toEqual({
    ExecutedVersion: '$LATEST',
    Payload: 'é',
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: 'request-1' },
    StatusCode: 200,
  });
});

test.each([[lambdaTask('missing')], [{ Type: 'Task', Resource: functionArn('missing') }]])(
  'the cause of a Lambda error names the service: %j',
  async (state) => {
    const { outcome } = await runStateMachine(await startTestStepFunctions(), singleState(state));
    expect(outcome.error).toBe('Lambda.ResourceNotFoundException');
    expect(outcome.cause).toMatch(
      /^Function not found: \S+ \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    );
  },
);

test('a function error keeps its cause, whatever its name', async () => {
  const failures = { own: functionError('constructor', 'mine') };
  const engine = await startTestStepFunctions({
    echo: () => {
      throw failures.own;
    },
  });
  const { outcome } = await runStateMachine(engine, singleState(lambdaTask('echo')));
  expect(outcome).toMatchObject({ error: 'constructor', cause: failures.own.message });
});
