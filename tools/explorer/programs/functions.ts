/** Finds the core's functions by their lifecycle names and calls each kind with its input. */
import { functionRows, type FunctionRow, type InputKind } from '../../../src/contract/lifecycle';
import type { AbortInput } from '../../../src/contract/payloads';
import type { Claim, ClaimWorld } from '../../../src/core/execution/claim-migration';
import type { MigrationRecord } from '../../../src/core/ledger';
import { contextOf, type StageContext, type World } from '../../../src/core/world';
import { AGAIN, type Job } from '../actor';
import { deployedOf, MIGRATION } from '../memory/scene';
import { coreFileOf } from './core-files';
import {
  applierItem,
  chunkItem,
  codeOf,
  generationOf,
  runOf,
  subjectName,
  syncRound,
  worldFor,
  type Subject,
} from './subject';

/** A function of the core. Its parameters depend on the input kind of its row. */
export type CoreFunction = (...input: never[]) => Promise<unknown>;
export type Functions = ReadonlyMap<string, CoreFunction>;

/** One invocation, as a state machine would make it. */
export interface Invocation {
  readonly function: FunctionRow;
  readonly constants?: Readonly<Record<string, string>>;
  /** Index of the map's item. @default 0 */
  readonly item?: number;
}

let loaded: Functions | null = null;

/**
 * Loads every function that a machine invokes. Explorations await it before their first job: loading a module during a job
 * would take turns of the event loop that belong to the job.
 */
export async function loadFunctions(): Promise<Functions> {
  loaded ??= new Map(
    await Promise.all(functionRows().map(async (row) => [row.name, await load(exportOf(row))] as const)),
  );
  return loaded;
}

/** @throws Error unless `loadFunctions` was awaited */
export function coreFunctions(): Functions {
  if (!loaded) throw new Error('The functions of the core are not loaded. Await loadFunctions() first.');
  return loaded;
}

/** `copyChunk` works on one item, so it is `copyItem` in the core; other functions keep their names. */
const exportOf = ({ name, input }: FunctionRow): string =>
  input === 'chunk' || input === 'applier' ? name.replace(/(?<=[a-z])[A-Z].*$/, 'Item') : name;

/**
 * A function that repeats rounds without keeping state between them also exports a single round. The explorer runs that round,
 * so local states do not grow with earlier rounds.
 */
const ROUND = 'Round';

async function load(name: string): Promise<CoreFunction> {
  const file = coreFileOf(name);
  const module = (await import(file)) as Readonly<Record<string, CoreFunction | undefined>>;
  const found = module[name];
  if (!found) throw new Error(`${file}.ts does not export ${name}.`);
  const round = module[`${name}${ROUND}`];
  return round ? async (...input) => (await round(...input)) ?? AGAIN : found;
}

/** Returned by a claim that no operator would make, because the migration is done or aborted. */
export const OVER = Object.freeze({ over: true });
const HOUR_MS = 3_600_000;
/** The same for every run, because no scenario aborts by it. */
const RUN_STARTED_AT = '2026-01-01T00:00:00.000Z';

const isOver = ({ status, generation }: MigrationRecord, subject: Subject): boolean =>
  status === 'done' || (status === 'aborted' && generation >= generationOf(subject));

interface Given extends Invocation {
  readonly world: World;
  readonly subject: Subject;
  readonly execution: string;
}

type Called<Parameters extends readonly unknown[]> = (...input: Parameters) => Promise<unknown>;

const CALLS: Readonly<Record<InputKind, (of: CoreFunction, given: Given) => Promise<unknown>>> = {
  claim: async (of, { world, subject, execution }) => {
    const record = await world.control.record(MIGRATION);
    if (record && isOver(record, subject)) return OVER;
    return (of as Called<[ClaimWorld, Claim]>)(
      { ...world, deployed: async () => deployedOf(subject.shape) },
      {
        ...{ migration: MIGRATION, execution, startedAt: RUN_STARTED_AT },
        ...{ ...codeOf(subject), continueWith: subject.continueWith ?? 'recorded' },
      },
    );
  },
  run: (of, { world, subject, execution, constants }) => {
    const context = contextOf(world, runOf(subject, execution));
    return (of as Called<[StageContext, unknown]>)(context, constants);
  },
  chunk: (of, { world, subject, item = 0 }) =>
    (of as Called<[World, unknown, () => number]>)(world, chunkItem(subject, item), () => HOUR_MS),
  applier: (of, { world, subject, item = 0, execution }) =>
    (of as Called<[World, unknown, () => number]>)(
      world,
      applierItem(subject, item, execution),
      () => HOUR_MS,
    ),
  round: (of, { world, subject, execution }) =>
    (of as Called<[World, unknown]>)(world, syncRound(subject, execution)),
  failure: (of, { world, execution }) => {
    const failure = { Error: 'an error', Cause: 'of a stage' };
    return (of as Called<[World, string, string, unknown]>)(world, MIGRATION, execution, failure);
  },
  abort: (of, { world, subject }) =>
    (of as Called<[World, AbortInput]>)(world, {
      ...{ migration: MIGRATION, generation: generationOf(subject), reason: 'requested by the operator' },
    }),
};

/** The job of one invocation. Equal invocations by one execution are one job, whichever step invokes them. */
export function jobOf(
  subject: Subject,
  execution: string,
  invocation: Invocation,
  functions: () => Functions = coreFunctions,
): Job {
  const { function: row, constants = {}, item } = invocation;
  const details = [...Object.values(constants), ...(item === undefined ? [] : [item])];
  return {
    name: `${[row.name, ...details].join(' ')} (${execution}${subjectName(subject)})`,
    run: (ports) => {
      const of = functions().get(row.name);
      if (!of) throw new Error(`No function is known for ${row.name}.`);
      return CALLS[row.input](of, { ...invocation, world: worldFor(subject, ports), subject, execution });
    },
  };
}
