/** Cases that compare a whole history: every event, with the event that it follows. */
import type { HistoryEvent } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  functionArn,
  functionError,
  runStateMachine,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';

export const body = (states: Record<string, object>): object => ({
  StartAt: Object.keys(states)[0],
  States: states,
});
export const failing = body({ Broken: { Type: 'Fail', Error: 'Broken' } });
export const passing = body({ Through: { Type: 'Pass', End: true } });
export const again = { ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 };
export const toNext = { ErrorEquals: ['States.ALL'], Next: 'After' };
export const after = { Type: 'Pass', End: true };

export const parallel = (branch: object, fields: object = { End: true }): object => ({
  Type: 'Parallel',
  Branches: [branch],
  ...fields,
});
export const map = (iteration: object, fields: object = {}): object => ({
  Type: 'Map',
  ItemProcessor: iteration,
  MaxConcurrency: 1,
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});
export const task = (fields: object = {}): object => ({
  Type: 'Task',
  Resource: functionArn('work'),
  ...fields,
});

/** Returns a function that fails for the given number of calls. */
export const failingFirst = (times: number): Lambda => {
  let calls = 0;
  return (payload) => {
    if (calls++ < times) throw functionError('Broken');
    return payload;
  };
};

export interface Case {
  readonly definition: object;
  readonly input?: unknown;
  readonly work?: Lambda;
  readonly history: readonly string[];
}

/** Runs each case in its own engine, and compares the whole history. */
export function testHistories(cases: Readonly<Record<string, Case>>): void {
  afterEach(closeTestStepFunctions);
  test.each(Object.entries(cases))('%s', async (_name, { definition, input, work, history }) => {
    const engine = await startTestStepFunctions({ work: work ?? ((payload) => payload) });
    const { events } = await runStateMachine(engine, definition, input);
    expect(events.map(recorded)).toEqual(history);
  });
}

const recorded = ({ id, previousEventId, type }: HistoryEvent): string =>
  `${id} < ${previousEventId} ${type}`;
