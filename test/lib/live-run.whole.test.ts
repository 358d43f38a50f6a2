/** The synthesized machines of live sync, run by the local engine with stubs in the place of the functions. */
import { ERRORS } from '../../src/contract/errors';
import type { FunctionName } from '../../src/contract/names';
import type { Outcome, StepFunctions } from '../../src/rehearsal/step-functions';
import { closeAll, functionError, start, type Lambda } from '../rehearsal/step-functions/harness';
import { VirtualClock } from '../rehearsal/step-functions/virtual-clock';
import { definitionOf } from './definitions';
import { templateOfDev } from './support';

afterEach(closeAll);

const HISTORY_MAX = 25_000;
const RUN = { migration: 'orders', generation: 1, direction: 'forward', shape: 'cdc' };

interface Stage {
  readonly engine: StepFunctions;
  readonly clock: VirtualClock;
  /** Functions in the order of their invocations, those of Sync apart. */
  readonly called: FunctionName[];
  /** What Sync was asked. */
  readonly rounds: { readonly execution: string; readonly replaces: string | null }[];
  readonly run: () => Promise<{ outcome: Outcome; events: number }>;
}

const empty = { items: [], concurrency: 1, empty: true };

/** Everything goes well, and Sync is over once the target is open, unless a stub says otherwise. */
async function stageWith(stubs: Partial<Record<FunctionName, Lambda>> = {}): Promise<Stage> {
  const clock = new VirtualClock();
  const called: FunctionName[] = [];
  const rounds: { execution: string; replaces: string | null }[] = [];
  const ready: Partial<Record<FunctionName, Lambda>> = {
    begin: (input) => ({ ...RUN, execution: (input as { execution: string }).execution }),
    nextWave: () => empty,
    catchUp: () => ({ verdict: 'ready' }),
    verifyFenced: () => ({ verdict: 'clean' }),
    nextSync: (input) => {
      const { execution } = input as { execution: string };
      const over = called.includes('openTarget');
      const items = [0, 1].map((applier) => ({ ...RUN, execution, applier, appliers: 2 }));
      return { over, items: over ? [] : items };
    },
    applyChanges: () => clock.wait(780_000, new AbortController().signal).then(() => ({ applied: 0 })),
  };
  const names = new Set(
    [...JSON.stringify([migration, sync]).matchAll(/sluice-dev-([a-z]\w*)"/g)].map(
      ([, name]) => name as FunctionName,
    ),
  );
  const lambdas = [...names].map((name): [string, Lambda] => [
    `sluice-dev-${name}`,
    async (input, options) => {
      if (name === 'nextSync') rounds.push(input as (typeof rounds)[number]);
      else if (name !== 'applyChanges') called.push(name);
      return (stubs[name] ?? ready[name] ?? ((same: unknown) => same))(input, options);
    },
  ]);
  const engine = await start(Object.fromEntries(lambdas), { clock });
  const { stateMachineArn } = engine.createStateMachine({
    name: 'sluice-dev-Migration',
    definition: migration,
  });
  engine.createStateMachine({ name: 'sluice-dev-Sync', definition: sync });
  return {
    engine,
    clock,
    called,
    rounds,
    run: async () => {
      const { executionArn } = engine.startExecution({ stateMachineArn, input: { migration: 'orders' } });
      const outcome = await engine.settled(executionArn);
      return { outcome, events: engine.inspect(executionArn).events.length };
    },
  };
}

const migration = definitionOf(templateOfDev(), 'sluice-dev-Migration');
const sync = definitionOf(templateOfDev(), 'sluice-dev-Sync');

/** Throws these errors, one for each call, then answers. */
const failing = (errors: readonly string[], answer: unknown): Lambda => {
  const left = [...errors];
  return (input) => {
    const error = left.shift();
    if (error !== undefined) throw functionError(error);
    return answer ?? input;
  };
};

const answers = (...given: readonly unknown[]): Lambda => {
  const left = [...given];
  return () => (left.length > 1 ? left.shift() : left[0]);
};

const times = (called: readonly string[], name: FunctionName): number =>
  called.filter((each) => each === name).length;

const BEFORE: readonly FunctionName[] = ['begin', 'preflight', 'prepare', 'startCapture', 'plan'];
const COMPARED: readonly FunctionName[] = ['nextWave', 'nextWave'];
const FENCED: readonly FunctionName[] = ['catchUp', 'fenceSource', 'drain', 'verifyFenced', 'seal'];
const FLIPPED: readonly FunctionName[] = ['flip', 'openTarget', 'stopCapture'];

describe('a migration of shape cdc', () => {
  test('goes the whole way, and Sync outlives it until the ledger calls it over', async () => {
    const { engine, called, rounds, run } = await stageWith();
    const { outcome } = await run();
    expect(outcome.status).toBe('SUCCEEDED');
    expect(called).toEqual([...BEFORE, ...COMPARED, ...FENCED, ...FLIPPED]);
    const [first] = rounds;
    expect(first).toMatchObject({ migration: 'orders', generation: 1, direction: 'forward', replaces: null });
    expect(engine.inspect(first!.execution).status).toBe('RUNNING');
    const { status, stopMs } = await engine.settled(first!.execution);
    expect(status).toBe('SUCCEEDED');
    expect(stopMs - outcome.stopMs).toBeGreaterThan(700_000);
    expect(rounds).toHaveLength(2);
  });

  test('waits for sync, compares again, and fences when it may', async () => {
    const verdicts = ['wait', 'verify', 'wait', 'ready'].map((verdict) => ({ verdict }));
    const { called, run } = await stageWith({ catchUp: answers(...verdicts) });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(called).toEqual([
      ...[...BEFORE, ...COMPARED, 'catchUp', 'catchUp', 'nextWave', 'catchUp'],
      ...[...FENCED, ...FLIPPED],
    ]);
  });

  test.each<[FunctionName, readonly string[]]>([
    ['fenceSource', ['TransientFailure', 'TransientFailure', 'TransientFailure', 'TransientFailure']],
    ['drain', ['FenceExpired']],
    ['verifyFenced', ['Runtime.ExitError', 'Runtime.ExitError', 'Runtime.ExitError', 'Runtime.ExitError']],
    ['seal', ['FenceExpired']],
    ['seal', ['TransientFailure', 'Runtime.ExitError', 'FenceExpired']],
  ])('a cutover whose %s fails with %j gives the writes back and is tried again', async (name, errors) => {
    const answer = name === 'verifyFenced' ? { verdict: 'clean' } : undefined;
    const { called, run } = await stageWith({ [name]: failing(errors, answer) });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(times(called, 'cancelFence')).toBe(1);
    expect(times(called, name)).toBe(errors.length + 1);
    expect(called.slice(called.indexOf('cancelFence') + 1)).toEqual([...FENCED, ...FLIPPED]);
  });

  test.each<FunctionName>(['fenceSource', 'drain', 'seal'])(
    'a %s that dies three times is invoked again within seconds, behind the same fence',
    async (name) => {
      const { called, clock, run } = await stageWith({
        [name]: failing(Array(3).fill('Runtime.ExitError'), undefined),
      });
      const startedMs = clock.nowMs();
      expect((await run()).outcome.status).toBe('SUCCEEDED');
      expect(times(called, name)).toBe(4);
      expect(called).not.toContain('cancelFence');
      expect(clock.nowMs() - startedMs).toBeLessThan(6_000);
    },
  );

  test('chunks that are unequal behind the fence are copied again, under writes', async () => {
    const verdicts = answers({ verdict: 'recopy' }, { verdict: 'clean' });
    const { called, run } = await stageWith({ verifyFenced: verdicts });
    expect((await run()).outcome.status).toBe('SUCCEEDED');
    expect(called).toEqual([
      ...[...BEFORE, ...COMPARED, 'catchUp', 'fenceSource', 'drain', 'verifyFenced', 'cancelFence'],
      ...[...COMPARED, ...FENCED, ...FLIPPED],
    ]);
  });

  test.each<[FunctionName, string]>([
    ['startCapture', ERRORS.transient],
    ['catchUp', ERRORS.captureLost],
    ['fenceSource', ERRORS.wrongState],
    ['verifyFenced', ERRORS.notEqual],
    ['cancelFence', ERRORS.notCaughtUp],
    ['flip', ERRORS.wrongState],
    ['stopCapture', 'Error'],
  ])('%s that fails with %s holds the migration with that very error', async (name, error) => {
    const failure: unknown[] = [];
    const { outcome } = await (
      await stageWith({
        drain: name === 'cancelFence' ? failing(['FenceExpired'], undefined) : (input) => input,
        [name]: () => {
          throw functionError(error);
        },
        recordFailure: (input) => void failure.push(input),
      })
    ).run();
    expect(outcome).toMatchObject({ status: 'FAILED', error });
    expect(failure).toMatchObject([{ migration: 'orders', failure: { Error: error } }]);
  });

  test.each<[string, Partial<Record<FunctionName, Lambda>>]>([
    ['a shape', { begin: () => ({ ...RUN, execution: 'x', shape: 'blue-green' }) }],
    ['a verdict of catchUp', { catchUp: () => ({ verdict: 'clean' }) }],
    ['a verdict behind the fence', { verifyFenced: () => ({ verdict: 'ready' }) }],
  ])('%s that nobody knows is a broken ledger', async (_what, stubs) => {
    const { called, run } = await stageWith(stubs);
    expect((await run()).outcome).toMatchObject({ status: 'FAILED', error: ERRORS.brokenLedger });
    expect(called.at(-1)).toBe('recordFailure');
    expect(called).not.toContain('seal');
  });

  test('that never catches up is held after a day and a half, its history far from full at worst', async () => {
    const hard = [
      ...Array<string>(6).fill('TransientFailure'),
      ...Array<string>(4).fill('Runtime.ExitError'),
    ];
    let calls = 0;
    const { called, clock, run } = await stageWith({
      catchUp: () => {
        const error = hard[calls++ % (hard.length + 1)];
        if (error !== undefined) throw functionError(error);
        return { verdict: 'wait' };
      },
      nextSync: () => ({ items: [], over: true }),
    });
    const startedMs = clock.nowMs();
    const { outcome, events } = await run();
    expect(outcome).toMatchObject({ status: 'FAILED', error: ERRORS.notCaughtUp });
    expect(times(called, 'catchUp')).toBe(500 * (hard.length + 1));
    expect(events).toBeLessThan(HISTORY_MAX - 1_000);
    expect(clock.nowMs() - startedMs).toBeGreaterThan(34 * 3_600_000);
  });
});

describe('Sync', () => {
  const startSync = ({ engine }: Stage, input: object = {}): string =>
    engine.startExecution({
      stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync',
      input: { migration: 'orders', generation: 1, direction: 'forward', replaces: null, ...input },
    }).executionArn;

  const itemsOf = (appliers: number) =>
    Array.from({ length: appliers }, (_, applier) => ({ ...RUN, execution: 'x', applier, appliers }));

  test('one applier that fails for good neither ends its sibling nor Sync', async () => {
    let handedOut = 0;
    const applied: number[] = [];
    const stage = await stageWith({
      nextSync: () => (++handedOut > 2 ? { items: [], over: true } : { items: itemsOf(2), over: false }),
      applyChanges: async (input) => {
        const { applier } = input as { applier: number };
        if (applier === 0) throw functionError(ERRORS.captureLost);
        await stage.clock.wait(60_000, new AbortController().signal);
        applied.push(applier);
      },
    });
    const { status } = await stage.engine.settled(startSync(stage));
    expect(status).toBe('SUCCEEDED');
    expect(applied).toEqual([1, 1]);
  });

  test('fails with the error of the round that cannot be begun', async () => {
    const stage = await stageWith({
      nextSync: () => {
        throw functionError(ERRORS.captureLost);
      },
    });
    expect(await stage.engine.settled(startSync(stage))).toMatchObject({
      status: 'FAILED',
      error: ERRORS.captureLost,
    });
  });

  test('refuses an input that a person would write', async () => {
    const stage = await stageWith();
    const { stateMachineArn } = stage.engine.createStateMachine({
      name: 'sluice-dev-Sync',
      definition: sync,
    });
    const { executionArn } = stage.engine.startExecution({ stateMachineArn, input: { migration: 'orders' } });
    expect(await stage.engine.settled(executionArn)).toMatchObject({
      status: 'FAILED',
      error: ERRORS.malformedInput,
    });
  });

  test('at its worst renews itself before its history is full, and each execution names the one before', async () => {
    const attempts = new Map<string, number>();
    /** Fails as often as the retries bear it, then once more. */
    const worst = (key: string, passing: number, lost: number): void => {
      const attempt = attempts.get(key) ?? 0;
      attempts.set(key, (attempt + 1) % (passing + lost + 1));
      if (attempt < passing) throw functionError('TransientFailure');
      if (attempt < passing + lost) throw functionError('Runtime.ExitError');
    };
    const executions: { execution: string; replaces: string | null }[] = [];
    const stage = await stageWith({
      nextSync: (input) => {
        const round = input as { execution: string; replaces: string | null };
        worst('nextSync', 360, 60);
        if (executions.at(-1)?.execution !== round.execution) executions.push(round);
        return { items: itemsOf(16), over: executions.length > 2 };
      },
      applyChanges: (input) => {
        worst(`applier ${(input as { applier: number }).applier}`, 60, 24);
        throw functionError(ERRORS.brokenLedger);
      },
    });
    const first = startSync(stage);
    expect((await stage.engine.settled(first)).status).toBe('SUCCEEDED');
    const events = stage.engine.inspect(first).events.length;
    expect(events).toBeGreaterThan(20_000);
    expect(events).toBeLessThan(HISTORY_MAX - 2_000);
    while (executions.length <= 2) await new Promise((resolve) => setImmediate(resolve));
    expect(executions.map(({ replaces }) => replaces)).toEqual([
      null,
      ...executions.slice(0, -1).map(({ execution }) => execution),
    ]);
  });
});
