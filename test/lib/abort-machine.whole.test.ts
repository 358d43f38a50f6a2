/** The state machine `Abort`: which inputs it takes, and how it ends. */
import { ERRORS } from '../../src/contract/errors';
import type { AbortInput } from '../../src/contract/payloads';
import { closeTestStepFunctions, runStateMachine, startTestStepFunctions } from 'local-aws/testing';
import { definitionOf, pathThrough } from './definitions';
import { templateOfDev } from './support';

afterEach(closeTestStepFunctions);

const abort = definitionOf(templateOfDev(), 'sluice-dev-Abort');
const INPUT = { migration: 'orders', generation: 2 };
const WHOLE = { ...INPUT, reason: 'no reason was given', runStartedAt: '' };

/** Runs the machine; each function returns its verdict, `nothing` for the one that is named. */
async function run(input: object, ending: 'revoke' | 'reopen' | 'clean' | null = null) {
  const called: [string, unknown][] = [];
  const step = (name: string, verdict: string) => (given: unknown) => {
    const { migration, generation, reason, runStartedAt } = given as Required<AbortInput>;
    called.push([name, given]);
    const done = name === 'clean' && name !== ending;
    return {
      ...{ migration, generation, reason, runStartedAt, done, owningExecution: null },
      ...(name === ending
        ? { verdict: 'nothing', because: `${name} came late` }
        : { verdict, because: null }),
    };
  };
  const engine = await startTestStepFunctions({
    'sluice-dev-revoke': step('revoke', 'revoked'),
    'sluice-dev-reopen': step('reopen', 'opened'),
    'sluice-dev-clean': step('clean', 'cleaned'),
  });
  return { called, ...(await runStateMachine(engine, abort, input)) };
}

test('fences the workers, stops the owner if there is one, opens the serving end and cleans up', () => {
  expect(pathThrough(abort, { RevokeVerdict: 1, ReopenVerdict: 1, CleanVerdict: 1 })).toEqual([
    ...['MigrationNamed', 'ReasonGiven', 'RunStartedAtGiven', 'Revoke', 'RevokeVerdict'],
    ...[
      'StopExecutionNeeded',
      'StopExecution',
      'Reopen',
      'ReopenVerdict',
      'Clean',
      'CleanVerdict',
      'Aborted',
    ],
  ]);
  expect(abort.States.StopExecutionNeeded!.Default).toBe('Reopen');
  expect(abort.States.StopExecution).toMatchObject({
    Resource: 'arn:aws:states:::aws-sdk:sfn:stopExecution',
    Parameters: { 'ExecutionArn.$': '$.owningExecution', 'Cause.$': '$.reason' },
    ResultPath: null,
    Next: 'Reopen',
  });
});

test('continues when the owner cannot be stopped, because its workers are fenced', () => {
  expect(abort.States.StopExecution!.Catch).toEqual([
    { ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Reopen' },
  ]);
});

test.each([
  ['nothing but the generation', INPUT, WHOLE],
  ['a reason', { ...INPUT, reason: 'late' }, { ...WHOLE, reason: 'late' }],
  [
    'the start of the run',
    { ...INPUT, runStartedAt: '2026-01-31T12:00:00Z' },
    { ...WHOLE, runStartedAt: '2026-01-31T12:00:00Z' },
  ],
])('passes on %s, and says that it aborted', async (_, input, passed) => {
  const { outcome, output, called } = await run(input);
  expect(outcome.status).toBe('SUCCEEDED');
  expect(output).toMatchObject({ ...passed, done: true, because: null });
  expect(called.map(([name]) => name)).toEqual(['revoke', 'reopen', 'clean']);
  for (const [, given] of called)
    expect(given).toEqual({ ...passed, execution: expect.any(String) as string });
});

test.each([
  ['revoke', ['revoke']],
  ['reopen', ['revoke', 'reopen']],
  ['clean', ['revoke', 'reopen', 'clean']],
] as const)('succeeds and says why if %s finds nothing to do', async (ending, names) => {
  const { outcome, output, called } = await run(INPUT, ending);
  expect(outcome.status).toBe('SUCCEEDED');
  expect(output).toMatchObject({ done: false, because: `${ending} came late` });
  expect(called.map(([name]) => name)).toEqual(names);
});

test.each([
  ['no generation', { migration: 'orders' }],
  ['a generation that is not a number', { ...INPUT, generation: '2' }],
  ['no migration', { generation: 2 }],
  ['a run that is not a text', { ...INPUT, runStartedAt: 1_769_860_800 }],
  ['a run that is null', { ...INPUT, runStartedAt: null }],
  ['a reason that is not a text', { ...INPUT, reason: 7 }],
])('refuses an input with %s before anything runs, and names the commands that know it', async (_, input) => {
  const { outcome, called } = await run(input);
  expect(outcome).toMatchObject({ status: 'FAILED', error: ERRORS.malformedInput });
  expect(outcome.cause).toMatch(/npx sluice abort <name>.*npx sluice status <name> shows the generation/);
  expect(called).toEqual([]);
});
