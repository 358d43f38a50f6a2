/** The event count that gates maintain bounds the real history, and no execution fills its history. */
import { ERRORS } from '../../src/contract/errors';
import {
  flatSteps,
  isInvoking,
  migrationOf,
  MIGRATION,
  SHAPES,
  SYNC,
  type FunctionName,
  type Machine,
  type Shape,
} from '../../src/contract/lifecycle';
import { eventsBeforeGates, HISTORY_EVENTS_MAX, worstTail } from '../../src/contract/lifecycle/events';
import { RETRIES } from '../../src/contract/lifecycle/retry';
import { closeTestStepFunctions, functionError, type Lambda } from 'local-aws/testing';
import { definitionFrom } from './compiled';
import { responding, applying, over, stageWith, type Round, type Stage, type Stubs } from './stubs';

afterEach(closeTestStepFunctions);

const MACHINES = {
  Migration: definitionFrom({ ...MIGRATION, shapes: SHAPES }),
  Sync: definitionFrom(SYNC),
};

/** A seeded generator of numbers from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How many of its allowed retries of each kind a visit uses. */
type Retries = (max: number) => number;
const ALL: Retries = (max) => max;

/** On each visit to the state, fails once per retry to use, then behaves like the wrapped stub. */
function hard(machine: Machine, name: FunctionName, retries: Retries, then: Lambda): Lambda {
  const steps = flatSteps(machine.steps).filter(isInvoking);
  const { attemptsMax, lostAttemptsMax } = RETRIES[steps.find((step) => step.function.name === name)!.retry];
  const planned = new Map<string, { passing: number; lost: number }>();
  return (input, options) => {
    const { executionArn, stateName, retryCount } = options.caller;
    const visit = `${executionArn} ${stateName} ${JSON.stringify({ ...(input as object), retries: 0 })}`;
    if (retryCount === 0)
      planned.set(visit, { passing: retries(attemptsMax), lost: retries(lostAttemptsMax) });
    const { passing, lost } = planned.get(visit)!;
    if (retryCount < passing) throw functionError('TransientFailure');
    if (retryCount < passing + lost) throw functionError('Runtime.ExitError');
    return then(input, options);
  };
}

/** Checks at each invocation of a gate that the history has no more events than the gate's input counts. */
function checked(machine: Machine, stage: () => Stage, gate: Lambda): Lambda {
  const before = eventsBeforeGates(machine);
  return (input, options) => {
    const { events, retries } = input as { events: number; retries: number };
    const written = stage().engine.inspect(options.caller.executionArn).events.length;
    // Events of this visit: one when entered; scheduled, started and failed for each attempt.
    const own = 3 + 3 * retries;
    if (written > events + before + own)
      throw new Error(`${options.caller.stateName}: ${written} events, but the input counts ${events}`);
    return gate(input, options);
  };
}

/** A gate that refuses a full history, as the core's gates do. */
const bounded =
  (machine: Machine, gate: Lambda): Lambda =>
  (input, options) => {
    if ((input as { events: number }).events > machine.eventBudget) throw functionError(ERRORS.historyFull);
    return gate(input, options);
  };

const BOUNDED: readonly FunctionName[] = ['nextWave', 'catchUp'];

/** Stubs for every function of a shape with these failures and verdicts; the inputs of gates are checked. */
function migrationStubs(
  shape: Shape,
  stage: () => Stage,
  retries: Retries,
  verdict: (name: FunctionName, verdicts: readonly string[], calls: number) => string,
): Stubs {
  const machine = migrationOf(shape);
  const stubs: [string, Lambda][] = flatSteps(machine.steps)
    .filter(isInvoking)
    .map((step) => {
      const name = step.function.name as FunctionName;
      const same: Lambda = (input) => input;
      if (name === 'claimMigration') return [name, (input) => ({ ...RUN, ...(input as object), shape })];
      if (step.kind !== 'gate' || step.function.input !== 'run')
        return [name, hard(machine, name, retries, same)];
      const gate = responding(name, (_run, calls) => ({
        ...{
          verdict: verdict(name, Object.keys(step.verdicts), calls),
          items: [],
          concurrency: 1,
          seconds: 1,
        },
      }));
      const limited = BOUNDED.includes(name) ? bounded(machine, gate) : gate;
      return [name, checked(machine, stage, hard(machine, name, retries, limited))];
    });
  return {
    ...Object.fromEntries(stubs),
    nextSync: responding('nextSync', () => over),
    recordFailure: hard(
      { ...machine, steps: [MIGRATION.onFailure] },
      'recordFailure',
      retries,
      (input) => input,
    ),
  };
}

const RUN = { migration: 'orders', generation: 1, direction: 'forward', events: 0 };

async function migrationWith(
  shape: Shape,
  retries: Retries,
  verdict: Parameters<typeof migrationStubs>[3],
): Promise<Awaited<ReturnType<Stage['run']>>> {
  const made: { stage?: Stage } = {};
  const stubs = migrationStubs(shape, () => made.stage!, retries, verdict);
  made.stage = await stageWith(MACHINES, shape, stubs);
  return made.stage.run();
}

test.each(Array.from({ length: 24 }, (_, seed) => seed))(
  'a random walk stays within the count, seed %i',
  async (seed) => {
    const random = randomFrom(seed);
    const some: Retries = (max) => (random() < 0.5 ? 0 : Math.floor(random() * (max + 1)));
    const { outcome, events } = await migrationWith(seed % 2 ? 'cdc' : 'offline', some, (_name, verdicts) => {
      return verdicts[Math.floor(random() * verdicts.length)]!;
    });
    expect([outcome.status, outcome.error, outcome.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect(events.length).toBeLessThan(HISTORY_EVENTS_MAX);
  },
);

/** Verdicts that cycle forever; the last one repeats. */
const ENDLESS: readonly [string, Shape, Readonly<Partial<Record<FunctionName, readonly string[]>>>][] = [
  ['waves that are never empty', 'cdc', { nextWave: ['wave'] }],
  ['chunks that stay unequal', 'offline', { nextWave: ['empty'], judge: ['recopy'] }],
  ['syncs that never catch up', 'cdc', { nextWave: ['empty'], catchUp: ['wait'] }],
  ['chunks that never settle', 'cdc', { nextWave: ['empty'], catchUp: ['verify'] }],
  [
    'cutovers that always copy again',
    'cdc',
    { nextWave: ['empty'], catchUp: ['ready'], cutover: ['returned'] },
  ],
];

test.each(ENDLESS)(
  '%s, with every retry used, are held before the history is full',
  async (_what, shape, verdicts) => {
    const { outcome, events } = await migrationWith(shape, ALL, (name, _known, calls) => {
      const given = verdicts[name]!;
      return given[Math.min(calls, given.length - 1)]!;
    });
    expect(outcome).toMatchObject({ status: 'FAILED', error: ERRORS.historyFull });
    const { eventBudget } = migrationOf(shape);
    expect(events.length).toBeGreaterThan(0.7 * eventBudget);
    expect(events.length).toBeLessThanOrEqual(eventBudget + worstTail(migrationOf(shape)));
  },
);

test('fences that always expire, with every retry used, are held before the history is full', async () => {
  const made: { stage?: Stage } = {};
  const machine = migrationOf('cdc');
  const stubs = migrationStubs(
    'cdc',
    () => made.stage!,
    ALL,
    (name) => (name === 'nextWave' ? 'empty' : name === 'catchUp' ? 'ready' : 'cancelled'),
  );
  const cutover = hard(machine, 'cutover', ALL, () => {
    throw functionError('TransientFailure');
  });
  made.stage = await stageWith(MACHINES, 'cdc', { ...stubs, cutover });
  const { outcome, events } = await made.stage.run();
  expect(outcome).toMatchObject({ status: 'FAILED', error: ERRORS.historyFull });
  expect(events.length).toBeGreaterThan(0.9 * machine.eventBudget);
  expect(events.length).toBeLessThanOrEqual(machine.eventBudget + worstTail(machine));
});

test.each([
  ['every retry used', ALL, true],
  ['no retry used', () => 0, false],
] as const)('of Sync with %s: it renews itself before the history is full', async (_what, retries, fills) => {
  const made: { stage?: Stage } = {};
  const gate = responding('nextSync', (input) => {
    const round = input as Round;
    if (made.stage!.rounds[0]!.execution !== round.execution) return over;
    return round.events > SYNC.eventBudget ? { verdict: 'renew', items: [] } : applying(16, round);
  });
  const applier: Lambda = () => {
    throw functionError(ERRORS.inconsistentLedger);
  };
  made.stage = await stageWith(MACHINES, 'cdc', {
    nextSync: checked(SYNC, () => made.stage!, hard(SYNC, 'nextSync', retries, gate)),
    applyChanges: hard(SYNC, 'applyChanges', retries, applier),
  });
  const first = made.stage.startSync();
  expect((await made.stage.engine.settled(first)).status).toBe('SUCCEEDED');
  const written = made.stage.engine.inspect(first).events.length;
  if (fills) expect(written).toBeGreaterThan(SYNC.eventBudget);
  expect(written).toBeLessThanOrEqual(SYNC.eventBudget + worstTail(SYNC));
});
