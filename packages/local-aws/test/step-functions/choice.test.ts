import {
  closeTestStepFunctions,
  runStateMachine,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

afterEach(closeTestStepFunctions);

describe('Choice', () => {
  const taken = async (rule: object, input: unknown): Promise<unknown> => {
    const definition = {
      StartAt: 'Choose',
      States: {
        Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
        Yes: { Type: 'Pass', Result: true, End: true },
        No: { Type: 'Pass', Result: false, End: true },
      },
    };
    const { output, outcome } = await runStateMachine(await startTestStepFunctions(), definition, input);
    return outcome.status === 'SUCCEEDED' ? output : outcome.error;
  };
  const v = { Variable: '$.v' };

  test.each([
    [{ ...v, StringEquals: 'a' }, { v: 'a' }, true],
    [{ ...v, StringEquals: '1' }, { v: 1 }, false],
    [{ ...v, StringLessThan: 'b' }, { v: 'a' }, true],
    [{ ...v, StringGreaterThanEquals: 'b' }, { v: 'a' }, false],
    [{ ...v, StringEqualsPath: '$.w' }, { v: 'a', w: 'a' }, true],
    [{ ...v, StringMatches: 'log-*.txt' }, { v: 'log-1.txt' }, true],
    [{ ...v, StringMatches: 'a\\*b' }, { v: 'axb' }, false],
    [{ ...v, StringMatches: 'a\\*b' }, { v: 'a*b' }, true],
    [{ ...v, NumericEquals: 1 }, { v: '1' }, false],
    [{ ...v, NumericLessThanEquals: 2 }, { v: 2 }, true],
    [{ ...v, NumericGreaterThan: 2 }, { v: 2 }, false],
    [{ ...v, NumericGreaterThanPath: '$.w' }, { v: 3, w: 2 }, true],
    [{ ...v, BooleanEquals: false }, { v: false }, true],
    [{ ...v, BooleanEqualsPath: '$.w' }, { v: true, w: false }, false],
    [{ ...v, TimestampLessThan: '2026-01-02T00:00:00Z' }, { v: '2026-01-02T00:30:00+01:00' }, true],
    [
      { ...v, TimestampEqualsPath: '$.w' },
      { v: '2026-01-02T00:00:00Z', w: '2026-01-02T01:00:00+01:00' },
      true,
    ],
    [{ ...v, IsPresent: true }, {}, false],
    [{ ...v, IsPresent: false }, {}, true],
    [{ ...v, IsPresent: true }, { v: null }, true],
    [{ ...v, IsNull: true }, { v: null }, true],
    [{ ...v, IsNumeric: false }, { v: 'x' }, true],
    [{ ...v, IsString: true }, { v: 'x' }, true],
    [{ ...v, IsBoolean: true }, { v: false }, true],
    [{ ...v, IsTimestamp: true }, { v: '2026-02-31T00:00:00Z' }, false],
    [
      {
        And: [
          { ...v, NumericGreaterThan: 1 },
          { ...v, NumericLessThan: 3 },
        ],
      },
      { v: 2 },
      true,
    ],
    [{ Or: [{ ...v, NumericGreaterThan: 3 }, { Not: { ...v, IsNull: true } }] }, { v: 2 }, true],
    [{ Not: { ...v, NumericEquals: 2 } }, { v: 2 }, false],
    [{ Variable: '$$.Execution.Input.v', NumericEquals: 2 }, { v: 2 }, true],
    [{ ...v, NumericEquals: 2 }, {}, 'States.Runtime'],
    [{ ...v, NumericEqualsPath: '$.w' }, { v: 2 }, 'States.Runtime'],
  ])('%j with the input %j: %j', async (rule, input, expected) => {
    expect(await taken(rule, input)).toEqual(expected);
  });

  test('without a match and a Default, the execution fails', async () => {
    const definition = {
      StartAt: 'Choose',
      States: {
        Choose: { Type: 'Choice', Choices: [{ Variable: '$.v', NumericEquals: 1, Next: 'Yes' }] },
        Yes: { Type: 'Succeed' },
      },
    };
    const { outcome } = await runStateMachine(await startTestStepFunctions(), definition, { v: 2 });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toContain('Failed to transition out of the state');
  });
});
