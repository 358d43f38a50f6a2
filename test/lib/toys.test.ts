/** A new stage or shape is a row that compiles and runs. The compiler refuses an unsupported row by its id. */
import {
  functionRow,
  MIGRATION,
  SHAPES,
  SYNC,
  type Fan,
  type FunctionRow,
  type ShapeTable,
  type Step,
  type Task,
} from '../../src/contract/lifecycle';
import {
  closeTestStepFunctions,
  functionError,
  runStateMachine,
  startTestStepFunctions,
  type Lambda,
} from 'local-aws/testing';
import { definitionFrom } from './compiled';
import type { Definition } from './definitions';

afterEach(closeTestStepFunctions);

const toyRow = (name: string): FunctionRow => ({
  ...{ name, size: { timeoutSeconds: 60, memoryMegabytes: 512 }, input: 'run' },
});

const stamp = { id: 'stamp-rows', kind: 'task', function: toyRow('stampRows'), retry: 'stage' } as const;

/** `offline` with one more stage, and a shape that searches, waits and searches again. */
const TOYS: ShapeTable = {
  ...SHAPES,
  offline: {
    ...SHAPES.offline,
    steps: SHAPES.offline.steps.flatMap((step): Step[] => (step.id === 'plan' ? [step, stamp] : [step])),
  },
  polling: {
    traits: { capturesChanges: false, fences: 'first' },
    steps: [
      ...SHAPES.offline.steps.slice(0, 3),
      {
        id: 'check-again',
        kind: 'gate',
        function: toyRow('checkAgain'),
        retry: 'poll',
        verdicts: { found: 'found', nothing: 'wait-a-little', some: 'each-thing' },
        errors: { other: 'give-up', fenceExpired: 'prepare' },
        bounded: true,
      },
      { id: 'wait-a-little', kind: 'wait', seconds: 'verdict', next: 'check-again' },
      {
        id: 'each-thing',
        kind: 'map',
        mode: 'distributed',
        itemsMax: 3,
        each: [
          { id: 'take', kind: 'task', function: toyRow('take'), retry: 'item' },
          { id: 'taken', kind: 'end' },
        ],
        next: 'check-again',
      },
      { id: 'give-up', kind: 'task', function: toyRow('giveUp'), retry: 'poll' },
      { id: 'found', kind: 'end' },
    ],
  },
};

const definition = definitionFrom({ ...MIGRATION, shapes: TOYS });

/** Runs the machine; functions without a stub return the run, gates the first verdict. */
async function called(shape: string, stubs: Readonly<Record<string, Lambda>>) {
  const names: string[] = [];
  const functions = [...JSON.stringify(definition).matchAll(/function:sluice-dev-(\w+)"/g)].map(
    ([, name]) => name!,
  );
  const first: Record<string, Lambda> = {
    claimMigration: (input) => ({
      ...(input as object),
      generation: 1,
      shape,
      direction: 'forward',
      events: 0,
    }),
    nextWave: (input) => ({ ...(input as object), verdict: 'empty', items: [], concurrency: 1 }),
    judge: (input) => ({ ...(input as object), verdict: 'clean' }),
    cutover: (input) => ({ ...(input as object), verdict: 'moved' }),
    disarm: (input) => ({ ...(input as object), verdict: 'done' }),
  };
  const engine = await startTestStepFunctions(
    Object.fromEntries(
      functions.map((name): [string, Lambda] => [
        `sluice-dev-${name}`,
        (input, options) => {
          names.push(name);
          return (stubs[name] ?? first[name] ?? ((same: unknown) => same))(input, options);
        },
      ]),
    ),
  );
  const { outcome } = await runStateMachine(engine, definition, { migration: 'orders' });
  return { names, status: outcome.status };
}

test('a stage added as a row runs between its neighbours', async () => {
  const { names, status } = await called('offline', {});
  expect(status).toBe('SUCCEEDED');
  expect(names.slice(0, 6)).toEqual(['claimMigration', 'preflight', 'prepare', 'fence', 'plan', 'stampRows']);
  expect(names.slice(-2)).toEqual(['cutover', 'disarm']);
});

test('a shape added as a row runs after the common first steps', async () => {
  const verdicts = [{ verdict: 'nothing', seconds: 5 }, { verdict: 'some' }, { verdict: 'found' }];
  const checkAgain: Lambda = (input) => {
    const item = input as object;
    return { ...item, items: [item, item], concurrency: 2, ...verdicts.shift() };
  };
  const { names, status } = await called('polling', { checkAgain });
  expect(status).toBe('SUCCEEDED');
  expect(names).toEqual([
    ...['claimMigration', 'preflight', 'prepare', 'checkAgain', 'checkAgain', 'take', 'take', 'checkAgain'],
  ]);
});

test('its errors lead where its row says, including back to the common first steps', async () => {
  const errors = ['FenceExpired', 'Whatever'];
  const checkAgain: Lambda = () => {
    throw functionError(errors.shift()!);
  };
  const { names, status } = await called('polling', { checkAgain });
  expect(status).toBe('SUCCEEDED');
  expect(names).toEqual([
    'claimMigration',
    'preflight',
    'prepare',
    'checkAgain',
    'prepare',
    'checkAgain',
    'giveUp',
  ]);
});

test('the other shapes compile to the same states as before', () => {
  const plain: Definition = definitionFrom({ ...MIGRATION, shapes: SHAPES });
  const statesOf = ({ States }: Definition): object =>
    Object.fromEntries(Object.entries(States).filter(([name]) => name.startsWith('Cdc')));
  expect(statesOf(definition)).toEqual(statesOf(plain));
});

const task = (more: Partial<Task>): Task => ({
  ...{ id: 'odd-task', kind: 'task', function: functionRow('plan'), retry: 'stage', ...more },
});
const end: Step = { id: 'end', kind: 'end' };
const mapOf = (mode: Fan['mode'], ...each: Step[]): Step[] => [
  { id: 'odd-map', kind: 'map', mode, itemsMax: 3, each, next: 'end' },
  end,
];
const gate: Step = {
  ...{
    id: 'odd-gate',
    kind: 'gate',
    function: functionRow('judge'),
    retry: 'stage',
    verdicts: { clean: 'end' },
  },
};

test.each<[string, readonly Step[], string]>([
  [
    'two steps of one id',
    [end, end],
    'end step end cannot be compiled: another step in the list has the same id',
  ],
  ['a last row without a next step', [task({})], 'task step odd-task cannot be compiled: it is the last row'],
  [
    'a step that is not there',
    [task({ next: 'nowhere' }), end],
    'odd-task cannot be compiled: no step has the id nowhere',
  ],
  ['a verdict that leads to a missing step', [gate], 'odd-gate cannot be compiled: no step has the id end'],
  [
    'an error for one',
    [task({ errors: { other: 'nowhere' } }), end],
    'odd-task cannot be compiled: no step has the id nowhere',
  ],
  [
    'an inline item whose failure fails its siblings',
    mapOf('inline', task({}), end),
    'odd-task cannot be compiled: its failure would',
  ],
  [
    'an inline item that is a gate',
    mapOf('inline', gate, end),
    'odd-gate cannot be compiled: its unknown verdict would',
  ],
  [
    'a map in a map',
    mapOf('distributed', ...mapOf('inline', end)),
    'odd-map cannot be compiled: maps cannot be nested',
  ],
  [
    'a start of a machine that only an operator starts',
    [{ id: 'odd-start', kind: 'start', machine: 'Abort', retry: 'start' }, end],
    'odd-start cannot be compiled: only an operator starts Abort',
  ],
])('refused by its id: %s', (_what, steps, message) => {
  expect(() => definitionFrom({ ...SYNC, steps })).toThrow(message);
});

test('refused by its id: a common step that leads to a step of one shape', () => {
  const claim = { ...SHAPES.offline.steps[0], next: 'own' };
  const shape = (id: string) => ({
    traits: SHAPES.offline.traits,
    steps: [claim, { id, kind: 'end' } as const, { id: 'own', kind: 'end' } as const],
  });
  expect(() => definitionFrom({ ...MIGRATION, shapes: { one: shape('a'), other: shape('b') } })).toThrow(
    'claim-migration cannot be compiled: it leads to own, but every shape of Migration starts with it',
  );
});

test('refused by its id: a failure step with another input', () => {
  const onFailure = task({ id: 'odd-record' });
  expect(() => definitionFrom({ ...SYNC, onFailure, steps: [end] })).toThrow('odd-record cannot be compiled');
});
