/**
 * A new stage is one row of the lifecycle and one file; a new shape is one row. Nothing else of the code is changed here, and the
 * state machine, the walk through real databases and the explorer all run them.
 */
import {
  type ShapeRow,
  type Shape,
  type Stage,
  type Step,
  MIGRATION,
  SHAPES,
  stagesOf,
} from '../../src/contract/lifecycle';
import type * as MigrationTable from '../../src/contract/lifecycle/migration';
import type * as StageModule from '../../src/core/execution/run-stage';
import { explore } from '../../tools/explorer/explore';
import { finished } from '../../tools/explorer/invariants';
import { migration } from '../../tools/explorer/programs/machines';
import { loadFunctions } from '../../tools/explorer/programs/functions';
import { definitionFrom } from '../lib/compiled';
import {
  closeTestStepFunctions,
  runStateMachine,
  startTestStepFunctions,
  type Lambda,
} from 'local-aws/testing';
import { startLab, type Lab } from '../support/world';
import { assertAborted, stateOf, THERE } from './abort-setup';

/** The rows. */
jest.mock('../../src/contract/lifecycle/migration', () => {
  const actual = jest.requireActual<typeof MigrationTable>('../../src/contract/lifecycle/migration');
  const offline: ShapeRow = actual.SHAPES.offline;
  const countRows = {
    id: 'count-rows',
    kind: 'task',
    function: {
      ...{ name: 'countRows', size: { timeoutSeconds: 60, memoryMegabytes: 512 }, input: 'run' },
      from: ['worker'],
    },
    retry: 'stage',
    finishes: ['count-rows'],
  } as const satisfies Step;
  const counted: ShapeRow = {
    traits: offline.traits,
    steps: offline.steps.flatMap((step): Step[] => (step.id === 'plan' ? [step, countRows] : [step])),
  };
  return { ...actual, SHAPES: { ...actual.SHAPES, counted } };
});

/** The file. */
jest.mock(
  '../../src/core/stages/count-rows',
  () => {
    const { runStage } = jest.requireActual<typeof StageModule>('../../src/core/execution/run-stage');
    const countRows = (context: Parameters<typeof runStage>[0]) =>
      runStage(context, 'count-rows' as Stage, async () => {
        const tables = await context.control.chunks.tables(context.run.migration, context.run.generation);
        return { tables: tables.length };
      });
    return { countRows };
  },
  { virtual: true },
);

const COUNTED = 'counted' as Shape;
const COUNT_ROWS = 'count-rows' as Stage;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(closeTestStepFunctions);

test('the ledger has the stage in its place', () => {
  const stages = stagesOf(COUNTED);
  expect(stages.slice(stages.indexOf('plan'))).toEqual([
    ...['plan', 'count-rows', 'backfill', 'verify', 'seal', 'flip', 'open'],
  ]);
});

test('the state machine runs it between its neighbours', async () => {
  const definition = definitionFrom({ ...MIGRATION, shapes: SHAPES });
  const called: string[] = [];
  const verdicts: Readonly<Record<string, object>> = {
    claimMigration: { generation: 1, shape: COUNTED, direction: 'forward', events: 0 },
    nextWave: { verdict: 'empty', items: [], concurrency: 1 },
    judge: { verdict: 'clean' },
    cutover: { verdict: 'moved' },
    disarm: { verdict: 'done' },
  };
  const names = [...JSON.stringify(definition).matchAll(/function:sluice-dev-(\w+)"/g)].map(
    ([, name]) => name!,
  );
  const lambdaOf =
    (name: string): Lambda =>
    (input) => {
      called.push(name);
      return { ...(input as object), ...verdicts[name] };
    };
  const engine = await startTestStepFunctions(
    Object.fromEntries(names.map((name) => [`sluice-dev-${name}`, lambdaOf(name)])),
  );
  const { outcome } = await runStateMachine(engine, definition, { migration: 'orders' });
  expect(outcome.status).toBe('SUCCEEDED');
  expect(called).toEqual([
    ...[
      'claimMigration',
      'preflight',
      'prepare',
      'fence',
      'plan',
      'countRows',
      'nextWave',
      'nextWave',
      'judge',
    ],
    'cutover',
    'disarm',
  ]);
});

test('a migration of real tables runs it once, can be resumed after it, and moves every row', async () => {
  const trial = await lab.trial({ ...THERE, definition: { ...THERE.definition, shape: COUNTED } });
  await trial.begin();
  await trial.walk(COUNT_ROWS);
  expect(await trial.control.recordOrFail(trial.name)).toMatchObject({ stage: COUNT_ROWS });
  await trial.begin('execution-2');
  await trial.walk('open');
  const { source, target } = await trial.contents();
  expect(target).toEqual(source);
  const events = await trial.events();
  expect(events.filter((event) => / finished$/.test(event))).toEqual(
    stagesOf(COUNTED).map((stage) => `${stage} finished`),
  );
});

test('an abort after it restores both databases', async () => {
  const trial = await lab.trial({ ...THERE, definition: { ...THERE.definition, shape: COUNTED } });
  const before = await stateOf(trial);
  await trial.begin();
  await trial.walk(COUNT_ROWS);
  await trial.abort('the operator changed her mind');
  expect(await stateOf(trial)).toEqual(before);
  await assertAborted(trial, 'the operator changed her mind');
});

test('the explorer explores it, with exhausted retries', async () => {
  await loadFunctions();
  const subject = { shape: COUNTED, cuts: 0 } as const;
  const { finding, exhausted, states } = await explore({
    ...subject,
    name: 'counted',
    about: 'a shape with a stage more',
    rows: { 1: 10 },
    setup: [[migration(subject, { before: ['count-rows'] })]],
    workers: [migration(subject, { from: 'count-rows' })],
    zombiesMax: 0,
    faultsMax: 1,
    recovery: [migration(subject, { execution: 'execution-2', onError: 'abort' })],
    goal: finished,
    statesMax: 20_000,
  });
  expect(finding).toBeNull();
  expect(states).toBeGreaterThan(100);
  expect(exhausted).toBeGreaterThan(0);
});
