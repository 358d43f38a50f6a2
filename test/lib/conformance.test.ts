/** The compiled machines, run by the local engine, follow the lifecycle table for every outcome of every step. */
import type { MachineTable } from '../../lib/workflows/parts';
import {
  ABORT,
  everyMachine,
  MIGRATION,
  SHAPES,
  shapeNames,
  SYNC,
  type Step,
} from '../../src/contract/lifecycle';
import { stateMachineName } from '../../src/contract/names';
import { casesOf, type Case, type Subject } from './cases';
import { definitionFrom } from './compiled';
import type { Definition } from './definitions';
import { play, type Seen } from './play';

const SYNC_NAME = stateMachineName('dev', 'Sync');
const TABLES: readonly MachineTable[] = [{ ...MIGRATION, shapes: SHAPES }, SYNC, ABORT];
const DEFINITIONS = new Map(TABLES.map((table) => [table.name, definitionFrom(table)]));

const SUBJECTS: readonly Subject[] = everyMachine().map((machine, index) => ({
  machine,
  shape: shapeNames()[index] ?? null,
}));

const seenIn = (
  { scene, startable }: Case,
  name: Subject['machine']['name'],
  definition: Definition,
): Promise<Seen> =>
  play({
    ...scene,
    machines: {
      [stateMachineName('dev', name)]: definition,
      ...(startable ? { [SYNC_NAME]: DEFINITIONS.get('Sync')! } : {}),
    },
  });

const CASES = SUBJECTS.flatMap((subject) =>
  casesOf(subject).map((each) => [each.title, each, subject.machine.name] as const),
);

/** `cdc` with one row changed. */
const changed = (id: string, change: object): MachineTable => ({
  ...MIGRATION,
  shapes: {
    ...SHAPES,
    cdc: {
      ...SHAPES.cdc,
      steps: SHAPES.cdc.steps.map((step): Step => (step.id === id ? { ...step, ...change } : step)),
    },
  },
});

test.each<[string, string, object]>([
  [
    'cutover: a transient error whose retries are exhausted',
    'cutover',
    { errors: { fenceExpired: 'cancel-cutover' } },
  ],
  ['cutover: an expired fence', 'cutover', { errors: { exhausted: 'cancel-cutover' } }],
  ['cutover: returned', 'cutover', { verdicts: { moved: 'stop-capture', returned: 'next-verify-wave' } }],
  ['catch-up: a transient error whose retries are exhausted', 'catch-up', { retry: 'stage' }],
  ['wait-for-sync: done', 'wait-for-sync', { next: 'cutover' }],
])('a machine that differs from the table is found: %s', async (title, id, change) => {
  const [, each] = CASES.find(([found]) => found === `Migration cdc ${title}`)!;
  const seen = await seenIn(each, 'Migration', definitionFrom(changed(id, change)));
  expect(seen).not.toEqual(each.expected);
});

test.each(CASES)('%s', async (_title, each, name) => {
  expect(await seenIn(each, name, DEFINITIONS.get(name)!)).toEqual(each.expected);
});
