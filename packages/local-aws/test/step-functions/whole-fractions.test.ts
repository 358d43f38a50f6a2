/** Numbers such as `0.0` stay fractions, as LocalStack recorded on AWS (test_lambda_task, test_invoke_json_values[0.0]). */
import { readJson, toText } from '../../src/step-functions/json';
import {
  closeTestStepFunctions,
  detailsOf,
  functionArn,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';
import { closeServed, serve } from './served-engine';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';

afterEach(async () => {
  await closeServed();
  await closeTestStepFunctions();
});

test.each([
  ['0.0', '0.0'],
  ['[1.0,-3.0,-0.0,1,-0,10.0]', '[1.0,-3.0,-0.0,1,0,10.0]'],
  ['1.00', '1.0'],
  ['[1e3,1.5E1,25e-1]', '[1000.0,15.0,2.5]'],
  ['{"a":1.5,"1.0":"1.0","b\\"1.0":[{"c":2.0}]}', '{"a":1.5,"1.0":"1.0","b\\"1.0":[{"c":2.0}]}'],
  ['[10000000.0,1e21]', '[10000000,1e+21]'],
  ['{"__proto__":1.0}', '{"__proto__":1.0}'],
])('%s is read and rendered as %s', (text, rendered) => {
  expect(toText(readJson(text))).toBe(rendered);
});

test.each(['01.0', '1.', '1.0.0', '.0', '1.0a', '[1.0'])('%s is not JSON', (text) => {
  expect(() => readJson(text)).toThrow(SyntaxError);
});

/** Runs a state on JSON text, which an SDK client sends. */
async function run(state: object | string, input: string, work: (payload: unknown) => unknown = () => 1) {
  const definition = typeof state === 'string' ? (JSON.parse(state) as object) : singleState(state);
  const { client, engine, stateMachineArn } = await serve(definition, { work });
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input }));
  const { output, error } = await engine.settled(executionArn!);
  return { output: output ?? error, events: engine.inspect(executionArn!).events };
}

test('through a state, in its events and in the output', async () => {
  const { output, events } = await run(
    { Type: 'Pass', Parameters: { 'v.$': '$.a', 'w.$': '$$.Execution.Input' } },
    '{"a":[0.0]}',
  );
  expect(output).toBe('{"v":[0.0],"w":{"a":[0.0]}}');
  expect(detailsOf(events[1])).toMatchObject({ input: '{"a":[0.0]}' });
  expect(detailsOf(events[2])).toMatchObject({ output });
});

test('a function in Node.js receives a number, and the event shows the fraction', async () => {
  const received: unknown[] = [];
  const task = { Type: 'Task', Resource: functionArn('work'), ResultPath: '$.result' };
  const { output, events } = await run(task, '{"n":1.0}', (payload) => void received.push(payload));
  expect(received).toEqual([{ n: 1 }]);
  expect(detailsOf(events[2])).toMatchObject({ input: '{"n":1.0}' });
  expect(output).toBe('{"n":1.0,"result":null}');
});

test.each([
  ['States.JsonToString($)', '1.0', '"1.0"'],
  ["States.Format('{}', $)", '1.0', '"1.0"'],
  ['States.StringToJson($)', '"[1.0]"', '[1.0]'],
  ['States.Array(1.0, 2)', '0', '[1.0,2]'],
  ['States.MathAdd($, 2.0)', '1.0', '3'],
  ['States.ArrayGetItem(States.Array(5, 6), $)', '1.0', '6'],
  ['States.ArrayLength($)', '1.0', 'States.Runtime'],
])('%s of %s is %s', async (intrinsic, input, expected) => {
  const state = { Type: 'Pass', Parameters: { 'v.$': intrinsic } };
  const { output } = await run(state, input);
  expect(output).toBe(expected.startsWith('States.') ? expected : `{"v":${expected}}`);
});

test.each([
  ['NumericEquals', 1, true],
  ['NumericLessThan', 1, false],
  ['IsNumeric', true, true],
  ['IsString', true, false],
])('the comparison %s with %s gives %s', async (operator, operand, matches) => {
  const choice = { Variable: '$', [operator]: operand, Next: 'Yes' };
  const definition = {
    StartAt: 'Only',
    States: {
      Only: { Type: 'Choice', Choices: [choice], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    },
  };
  expect((await run(JSON.stringify(definition), '1.0')).output).toBe(String(matches));
});

test('as numbers and as data of a definition', async () => {
  const definition = `{
    "StartAt": "Data", "TimeoutSeconds": 60.0, "States": {
      "Data": { "Type": "Pass", "Result": { "n": 2.0, "items": [3.0] }, "Next": "Rest" },
      "Rest": { "Type": "Wait", "SecondsPath": "$.n", "Next": "Work" },
      "Work": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1.0, "End": true,
        "Retry": [{ "ErrorEquals": ["States.ALL"], "BackoffRate": 2.0 }],
        "ItemProcessor": { "StartAt": "Through", "States": { "Through": { "Type": "Pass", "End": true } } } } } }`;
  const engine = await startTestStepFunctions();
  const { stateMachineArn } = engine.createStateMachine({ name: 'numbers', definition });
  const { executionArn } = engine.startExecution({ stateMachineArn });
  expect(await engine.settled(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '[3.0]' });
  expect(detailsOf(engine.inspect(executionArn).events[2])).toMatchObject({
    output: '{"n":2.0,"items":[3.0]}',
  });
});
