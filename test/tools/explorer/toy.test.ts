/** A new stage is a row and a function, and a new shape is a row: neither needs a change to the explorer. */
import { MIGRATION, type FunctionRow, type ShapeRow } from '../../../src/contract/lifecycle';
import { authorityOf } from '../../../src/core/authority';
import { parseTableName } from '../../../src/core/identifier';
import type { StageContext } from '../../../src/core/world';
import { explore } from '../../../tools/explorer/explore';
import { single } from '../../../tools/explorer/programs/outside';
import { migration } from '../../../tools/explorer/programs/machines';
import type { Scenario } from '../../../tools/explorer/scenario';

const row = (name: string): FunctionRow => ({
  name,
  size: { timeoutSeconds: 60, memoryMegabytes: 512 },
  input: 'run',
});

/** Installs; once its retries are exhausted, removes what it may have installed. */
const toy: ShapeRow = {
  traits: { capturesChanges: false, fences: 'first' },
  steps: [
    {
      id: 'install',
      kind: 'gate',
      function: row('install'),
      retry: 'stage',
      verdicts: { installed: 'installed' },
      errors: { exhausted: 'remove' },
    },
    { id: 'remove', kind: 'task', function: row('remove'), retry: 'stage' },
    { id: 'installed', kind: 'end' },
  ],
};

const TABLES = [parseTableName('shop.t')!];

async function install(context: StageContext): Promise<string> {
  await context.flow.from.installer.register(await authorityIn(context), TABLES, 'sluice_worker');
  return 'installed';
}

const remove = async (context: StageContext) =>
  context.flow.from.installer.uninstall(await authorityIn(context));

const authorityIn = async (context: StageContext) =>
  authorityOf(context, {
    ...context.run,
    owner: await context.control.owner(),
    epoch: 1,
    fenceEpoch: null,
    writes: 'source',
  });

const sceneOf = (
  functions: Readonly<Record<string, (context: StageContext) => Promise<unknown>>>,
): Scenario => ({
  name: 'toy',
  about: 'a shape with two steps of its own; a request goes astray',
  shape: 'offline',
  cuts: 0,
  rows: {},
  setup: [
    [
      single(
        'installer',
        '',
        async ({ send }) => void (await send({ at: 'source', op: 'install', args: {} })),
      ),
    ],
  ],
  workers: [
    migration(
      { shape: 'offline', cuts: 0 },
      {},
      { machine: { ...MIGRATION, steps: toy.steps }, functions: () => new Map(Object.entries(functions)) },
    ),
  ],
  zombiesMax: 0,
  faultsMax: 1,
  faulty: ({ op }) => op === 'registerGuard',
  recovery: [single('idle', '', async () => undefined)],
  goal: () => null,
  statesMax: 1_000,
});

test('a toy shape is explored with every outcome of its stages, exhausted retries included', async () => {
  const { states, exhausted, complete, finding } = await explore(sceneOf({ install, remove }));
  // The first step is to install. It succeeds, with or without a copy in flight, or its reply is lost, or it is late; in the last two
  // cases it is retried, or its removal follows. A retry ends in known states except for the spent fault; a removal ends with or
  // without the late request, in two steps.
  expect({ states, complete, finding }).toEqual({ states: 12, complete: true, finding: null });
  expect(exhausted).toBe(2);
});

test('a trace shows that retries are exhausted', async () => {
  const broken = async (context: StageContext) => {
    await remove(context);
    throw new TypeError('a mistake');
  };
  const { finding } = await explore(sceneOf({ install, remove: broken }));
  expect(finding!.what).toBe('migration execution-1 fails at remove: TypeError: a mistake');
  expect(finding!.trace).toEqual([
    '  1. migration execution-1 [install]: registers the guard under epoch 1, in the source → done; the reply is lost; retries are exhausted',
    '  2. migration execution-1 [remove]: removes everything under epoch 1, in the source → []',
    '  3. migration execution-1 [remove]: drops the schema if it is unused, in the source → done',
  ]);
});

test('a stage that makes no request takes no step', async () => {
  const { states, finding } = await explore(sceneOf({ install, remove: async () => undefined }));
  // As above, without the two states before the removal ends and the one after it has removed something.
  expect({ states, finding }).toEqual({ states: 7, finding: null });
});

test('a verdict that no row lists is a finding', async () => {
  const undecided = (context: StageContext) => install(context).then(() => 'perhaps');
  const { finding } = await explore(sceneOf({ install: undecided, remove }));
  expect(finding!.what).toContain('install returned the verdict "perhaps"');
});
