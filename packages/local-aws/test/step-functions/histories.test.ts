/** Complete histories as AWS records them: every event, with the event that it follows. */
import type { HistoryEvent } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  functionArn,
  functionError,
  runStateMachine,
  singleState,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';
import { distributedWork } from './map-definitions';

afterEach(closeTestStepFunctions);

const body = (states: Record<string, object>): object => ({
  StartAt: Object.keys(states)[0],
  States: states,
});
const failing = body({ Broken: { Type: 'Fail', Error: 'Broken' } });
const passing = body({ Through: { Type: 'Pass', End: true } });
const again = { ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 };
const toNext = { ErrorEquals: ['States.ALL'], Next: 'After' };
const after = { Type: 'Pass', End: true };

const parallel = (branch: object, fields: object = { End: true }): object => ({
  Type: 'Parallel',
  Branches: [branch],
  ...fields,
});
const map = (iteration: object, fields: object = {}): object => ({
  Type: 'Map',
  ItemProcessor: iteration,
  MaxConcurrency: 1,
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});
const task = (fields: object = {}): object => ({ Type: 'Task', Resource: functionArn('work'), ...fields });

/** Returns a function that fails for the given number of calls. */
const failingFirst = (times: number): Lambda => {
  let calls = 0;
  return (payload) => {
    if (calls++ < times) throw functionError('Broken');
    return payload;
  };
};

interface Case {
  readonly definition: object;
  readonly input?: unknown;
  readonly work?: Lambda;
  readonly history: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  'a retried Parallel records ParallelStateFailed only for the last attempt': {
    definition: singleState(parallel(failing, { End: true, Retry: [{ ...again, MaxAttempts: 2 }] })),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 ParallelStateEntered',
      '3 < 2 ParallelStateStarted',
      '4 < 3 FailStateEntered',
      '5 < 4 ParallelStateStarted',
      '6 < 5 FailStateEntered',
      '7 < 6 ParallelStateStarted',
      '8 < 7 FailStateEntered',
      '9 < 8 ParallelStateFailed',
      '10 < 9 ExecutionFailed',
    ],
  },
  'a Parallel whose second attempt succeeds records no ParallelStateFailed': {
    definition: singleState(parallel(body({ Work: task({ End: true }) }), { End: true, Retry: [again] })),
    work: failingFirst(1),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 ParallelStateEntered',
      '3 < 2 ParallelStateStarted',
      '4 < 3 TaskStateEntered',
      '5 < 4 LambdaFunctionScheduled',
      '6 < 5 LambdaFunctionStarted',
      '7 < 6 LambdaFunctionFailed',
      '8 < 7 ParallelStateStarted',
      '9 < 8 TaskStateEntered',
      '10 < 9 LambdaFunctionScheduled',
      '11 < 10 LambdaFunctionStarted',
      '12 < 11 LambdaFunctionSucceeded',
      '13 < 12 TaskStateExited',
      '14 < 13 ParallelStateSucceeded',
      '15 < 13 ParallelStateExited',
      '16 < 15 ExecutionSucceeded',
    ],
  },
  'a caught Parallel records ParallelStateFailed': {
    definition: body({ All: parallel(failing, { Next: 'After', Catch: [toNext] }), After: after }),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 ParallelStateEntered',
      '3 < 2 ParallelStateStarted',
      '4 < 3 FailStateEntered',
      '5 < 4 ParallelStateFailed',
      '6 < 5 ParallelStateExited',
      '7 < 6 PassStateEntered',
      '8 < 7 PassStateExited',
      '9 < 8 ExecutionSucceeded',
    ],
  },
  'the failure of a branch aborts a waiting sibling': {
    definition: singleState({
      Type: 'Parallel',
      Branches: [body({ Long: { Type: 'Wait', Seconds: 60, End: true } }), failing],
    }),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 ParallelStateEntered',
      '3 < 2 ParallelStateStarted',
      '4 < 3 WaitStateEntered',
      '5 < 3 FailStateEntered',
      '6 < 5 WaitStateAborted',
      '7 < 5 ParallelStateFailed',
      '8 < 7 ExecutionFailed',
    ],
  },
  'a retry of a Map follows the last state of the failed iteration': {
    definition: singleState(map(failing, { Retry: [again] })),
    input: [1, 2],
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapIterationStarted',
      '5 < 4 FailStateEntered',
      '6 < 5 MapIterationFailed',
      '7 < 5 MapStateStarted',
      '8 < 7 MapIterationStarted',
      '9 < 8 FailStateEntered',
      '10 < 9 MapIterationFailed',
      '11 < 9 MapStateFailed',
      '12 < 11 ExecutionFailed',
    ],
  },
  'a caught Map records MapStateFailed': {
    definition: body({ Each: map(failing, { Next: 'After', Catch: [toNext] }), After: after }),
    input: [1],
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapIterationStarted',
      '5 < 4 FailStateEntered',
      '6 < 5 MapIterationFailed',
      '7 < 5 MapStateFailed',
      '8 < 7 MapStateExited',
      '9 < 8 PassStateEntered',
      '10 < 9 PassStateExited',
      '11 < 10 ExecutionSucceeded',
    ],
  },
  'an iteration that had to wait follows the last state of the previous one': {
    definition: singleState(map(passing)),
    input: [1, 2],
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapIterationStarted',
      '5 < 4 PassStateEntered',
      '6 < 5 PassStateExited',
      '7 < 6 MapIterationSucceeded',
      '8 < 6 MapIterationStarted',
      '9 < 8 PassStateEntered',
      '10 < 9 PassStateExited',
      '11 < 10 MapIterationSucceeded',
      '12 < 11 MapStateSucceeded',
      '13 < 11 MapStateExited',
      '14 < 13 ExecutionSucceeded',
    ],
  },
  'with two concurrent iterations, the third follows the one whose worker it takes': {
    definition: singleState(
      map(body({ Rest: { Type: 'Wait', SecondsPath: '$', End: true } }), { MaxConcurrency: 2 }),
    ),
    input: [9, 1, 2],
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapIterationStarted',
      '5 < 4 WaitStateEntered',
      '6 < 3 MapIterationStarted',
      '7 < 6 WaitStateEntered',
      '8 < 7 WaitStateExited',
      '9 < 8 MapIterationSucceeded',
      '10 < 8 MapIterationStarted',
      '11 < 10 WaitStateEntered',
      '12 < 11 WaitStateExited',
      '13 < 12 MapIterationSucceeded',
      '14 < 5 WaitStateExited',
      '15 < 14 MapIterationSucceeded',
      '16 < 15 MapStateSucceeded',
      '17 < 15 MapStateExited',
      '18 < 17 ExecutionSucceeded',
    ],
  },
  'an outer iteration follows the end of the inner Map of the previous iteration': {
    definition: singleState(map(body({ Inner: map(passing) }))),
    input: [[1], [2]],
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapIterationStarted',
      '5 < 4 MapStateEntered',
      '6 < 5 MapStateStarted',
      '7 < 6 MapIterationStarted',
      '8 < 7 PassStateEntered',
      '9 < 8 PassStateExited',
      '10 < 9 MapIterationSucceeded',
      '11 < 10 MapStateSucceeded',
      '12 < 10 MapStateExited',
      '13 < 12 MapIterationSucceeded',
      '14 < 12 MapIterationStarted',
      '15 < 14 MapStateEntered',
      '16 < 15 MapStateStarted',
      '17 < 16 MapIterationStarted',
      '18 < 17 PassStateEntered',
      '19 < 18 PassStateExited',
      '20 < 19 MapIterationSucceeded',
      '21 < 20 MapStateSucceeded',
      '22 < 20 MapStateExited',
      '23 < 22 MapIterationSucceeded',
      '24 < 23 MapStateSucceeded',
      '25 < 23 MapStateExited',
      '26 < 25 ExecutionSucceeded',
    ],
  },
  'what comes after a Distributed Map follows the start of its Map Run': {
    definition: body({ Each: map(distributedWork, { Next: 'After' }), After: after }),
    input: [1, 2],
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapRunStarted',
      '5 < 4 MapRunSucceeded',
      '6 < 5 MapStateSucceeded',
      '7 < 4 MapStateExited',
      '8 < 7 PassStateEntered',
      '9 < 8 PassStateExited',
      '10 < 9 ExecutionSucceeded',
    ],
  },
  'a Distributed Map that fails follows the end of its Map Run': {
    definition: singleState(map(distributedWork)),
    input: [1],
    work: failingFirst(1),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapRunStarted',
      '5 < 4 MapRunFailed',
      '6 < 5 MapStateFailed',
      '7 < 6 ExecutionFailed',
    ],
  },
  'a Distributed Map that is retried has no failure of its own': {
    definition: singleState(map(distributedWork, { Retry: [{ ErrorEquals: ['States.ALL'] }] })),
    input: [1],
    work: failingFirst(1),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapRunStarted',
      '5 < 4 MapRunFailed',
      '6 < 5 MapStateStarted',
      '7 < 6 MapRunStarted',
      '8 < 7 MapRunSucceeded',
      '9 < 8 MapStateSucceeded',
      '10 < 7 MapStateExited',
      '11 < 10 ExecutionSucceeded',
    ],
  },
  'a Task that is retried and caught is entered and left once': {
    definition: body({ Work: task({ Next: 'After', Retry: [again], Catch: [toNext] }), After: after }),
    work: failingFirst(2),
    history: [
      '1 < 0 ExecutionStarted',
      '2 < 0 TaskStateEntered',
      '3 < 2 LambdaFunctionScheduled',
      '4 < 3 LambdaFunctionStarted',
      '5 < 4 LambdaFunctionFailed',
      '6 < 5 LambdaFunctionScheduled',
      '7 < 6 LambdaFunctionStarted',
      '8 < 7 LambdaFunctionFailed',
      '9 < 8 TaskStateExited',
      '10 < 9 PassStateEntered',
      '11 < 10 PassStateExited',
      '12 < 11 ExecutionSucceeded',
    ],
  },
};

const recorded = ({ id, previousEventId, type }: HistoryEvent): string =>
  `${id} < ${previousEventId} ${type}`;

test.each(Object.entries(CASES))('%s', async (_name, { definition, input, work, history }) => {
  const engine = await startTestStepFunctions({ work: work ?? ((payload) => payload) });
  const { events } = await runStateMachine(engine, definition, input);
  expect(events.map(recorded)).toEqual(history);
});
