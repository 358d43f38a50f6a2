/** Numbers and keys that JSON.parse would silently change or drop. */
import { SendTaskSuccessCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { inexactNumbers, duplicateKeys } from '../../src/step-functions/json-text';
import {
  closeTestStepFunctions,
  functionArn,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';
import { closeServed, serve } from './served-engine';
import { until } from './polling';

afterEach(async () => {
  await closeServed();
  await closeTestStepFunctions();
});

const LARGE = '12345678901234567890';

test.each([
  ['{"id":12345678901234567890,"f":1.0}', [LARGE]],
  ['[9007199254740993, -9007199254740993]', ['9007199254740993', '-9007199254740993']],
  ['[1e400]', ['1e400']],
  ['[9007199254740991, 9007199254740992, 9007199254740994, 1e21, 1e2, 0.1, -0]', []],
  ['{"12345678901234567890":"12345678901234567890 \\" 12345678901234567890"}', []],
])('%s has the inexact numbers %j', (text, lost) => {
  expect(inexactNumbers(text)).toEqual(lost);
});

test.each([
  ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"a":{"b":"a","c":[{"d":{},"d":[]}],"\\u0062":1}}', ['a.c.d', 'a.b']],
  ['["a","a",{"a":"a","b":"a"}]', []],
])('%s has the duplicate keys %j', (text, keys) => {
  expect(duplicateKeys(text)).toEqual(keys);
});

describe('a number that JSON.parse would change is refused', () => {
  test('at StartExecution', async () => {
    const { client, engine, stateMachineArn } = await serve(singleState({ Type: 'Pass' }));
    const startWith = (input: string) => client.send(new StartExecutionCommand({ stateMachineArn, input }));
    const refused = startWith(`{"id":${LARGE}}`);
    await expect(refused).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(refused).rejects.toThrow(`the number ${LARGE} cannot be represented exactly`);
    expect(engine.counters().executions).toBe(0);
    await expect(startWith(`{"id":"${LARGE}"}`)).resolves.toMatchObject({});
  });

  test('at SendTaskSuccess, and the task continues to wait', async () => {
    const Resource = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
    const Parameters = { FunctionName: functionArn('take'), Payload: { 'token.$': '$$.Task.Token' } };
    let taskToken = '';
    const { client, engine, stateMachineArn } = await serve(
      singleState({ Type: 'Task', Resource, Parameters }),
      {
        take: (payload) => void (taskToken = (payload as { token: string }).token),
      },
    );
    const { executionArn } = engine.startExecution({ stateMachineArn });
    await until(() => taskToken !== '');
    const send = (output: string) => client.send(new SendTaskSuccessCommand({ taskToken, output }));
    await expect(send(LARGE)).rejects.toMatchObject({ name: 'InvalidOutput' });
    await send('1');
    expect(await engine.settled(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '1' });
  });

  test('in States.StringToJson', async () => {
    const definition = singleState({ Type: 'Pass', Parameters: { 'n.$': 'States.StringToJson($.text)' } });
    const { outcome } = await runStateMachine(await startTestStepFunctions(), definition, {
      text: `[${LARGE}]`,
    });
    expect(outcome.error).toBe('States.Runtime');
    expect(outcome.cause).toContain(`expected numbers that can be represented exactly, got "${LARGE}"`);
  });

  test.each([
    ['as a Result', `{"StartAt":"P","States":{"P":{"Type":"Pass","Result":${LARGE},"End":true}}}`],
    [
      'as an argument',
      `{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"n.$":"States.Array(${LARGE})"},"End":true}}}`,
    ],
  ])('in a definition, %s', async (_where, definition) => {
    const engine = await startTestStepFunctions();
    expect(() => engine.createStateMachine({ name: 'large', definition })).toThrow(
      `the number ${LARGE} cannot be represented exactly`,
    );
  });
});

test('a duplicate key in a definition is refused with its place', async () => {
  const engine = await startTestStepFunctions();
  const definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":1,"Result":2,"End":true}}}';
  expect(() => engine.createStateMachine({ name: 'twice', definition })).toThrow(
    "key 'States.P.Result' appears twice",
  );
});

describe('names of inherited members are treated like any other name', () => {
  test.each([['constructor'], ['toString'], ['__proto__']])('as a Type: %s', async (Type) => {
    const engine = await startTestStepFunctions();
    expect(() => engine.createStateMachine({ name: 'odd', definition: singleState({ Type }) })).toThrow(
      `Type '${Type}' is not supported`,
    );
  });

  test('as a comparison, an intrinsic function and an operation', async () => {
    const { engine, client } = await serve(singleState({ Type: 'Pass' }));
    const rule = { Variable: '$.a', constructor: true, Next: 'P' };
    const chosen = {
      StartAt: 'C',
      States: { C: { Type: 'Choice', Choices: [rule] }, P: { Type: 'Succeed' } },
    };
    expect(() => engine.createStateMachine({ name: 'odd', definition: chosen })).toThrow(
      "field 'constructor' is unknown or not supported here",
    );
    const { url } = engine;
    const headers = { 'x-amz-target': 'AWSStepFunctions.constructor' };
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' });
    client.destroy();
  });

  test('as a state, and as a key of data', async () => {
    const definition = JSON.parse(`{
      "StartAt": "constructor",
      "States": {
        "constructor": { "Type": "Pass", "Next": "__proto__", "Parameters": { "__proto__": { "a.$": "$.b" }, "c": 1 } },
        "__proto__": { "Type": "Succeed" }
      }
    }`) as object;
    const engine = await startTestStepFunctions();
    const { stateMachineArn } = engine.createStateMachine({ name: 'odd', definition });
    const { executionArn } = engine.startExecution({ stateMachineArn, input: { b: 2 } });
    expect((await engine.settled(executionArn)).output).toBe('{"__proto__":{"a":2},"c":1}');
  });
});
