/** The chooser decides by its seed which fault to inject where, and keeps faults rare enough for the run to finish. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Chooser } from '../../../src/rehearsal/faults/chooser';
import { planOf } from '../../../src/rehearsal/chaos/plan';
import { FAULTS, stopsMigration, SURVIVABLE_FAULTS, type Fault } from '../../../src/rehearsal/faults';
import { FaultBudget } from '../../../src/rehearsal/faults/fault-budget';

const point = (ordinal: number, functionName = 'copy') => ({
  functionName,
  operation: 'dynamodb UpdateItem',
  ordinal,
});

/** Returns the ordinals at which a fault is injected, in a sequence of calls. */
const faultyOrdinals = (seed: number, calls: number): number[] => {
  const chooser = new Chooser({ seed, pauseMs: 0 });
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  return all.filter((ordinal) => chooser.choose(point(ordinal), ['throttle']) !== null);
};

test('the same seed makes the same choices, another seed makes others', () => {
  expect(faultyOrdinals(1, 500)).toEqual(faultyOrdinals(1, 500));
  expect(faultyOrdinals(2, 500)).not.toEqual(faultyOrdinals(1, 500));
});

test('faults become rarer at one kind of point, and their number is bounded', () => {
  const ordinals = faultyOrdinals(3, 100_000);
  expect(ordinals.length).toBeGreaterThan(3);
  expect(ordinals.length).toBeLessThanOrEqual(8);
});

test('every one of many faults is injected', () => {
  const chooser = new Chooser({ seed: 5, pauseMs: 0 });
  const chosen = ['claim', 'plan', 'copy', 'seal', 'flip'].flatMap((functionName) =>
    Array.from({ length: 200 }, (_, index) =>
      chooser.choose(point(index + 1, functionName), SURVIVABLE_FAULTS),
    ),
  );
  const names = new Set(chosen.filter((fault) => fault !== null));
  expect(names).toEqual(new Set(SURVIVABLE_FAULTS));
});

describe('the budget of a function is below the retries of its callers', () => {
  /** Returns the faults injected into a function at many calls of each operation. */
  const injectedInto = (functionName: string, chooser: Chooser, faults: readonly Fault[]): Fault[] =>
    ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'Execute'].flatMap((operation) =>
      Array.from({ length: 200 }, (_, index) =>
        chooser.choose({ functionName, operation, ordinal: index + 1 }, faults),
      ).filter((fault) => fault !== null),
    );

  test('it limits faults', () => {
    const chooser = new Chooser({ seed: 1, pauseMs: 0 });
    expect(injectedInto('prepare', chooser, SURVIVABLE_FAULTS)).toHaveLength(6);
    expect(injectedInto('flip', chooser, SURVIVABLE_FAULTS)).toHaveLength(6);
  });

  test('it limits kills, including those of the Lambda killer', () => {
    const budget = new FaultBudget();
    const chooser = new Chooser({ seed: 1, pauseMs: 0, budget });
    budget.record('flip', 'kill-lambda');
    const kills: Fault[] = ['kill-before-call', 'kill-after-call'];
    expect(injectedInto('prepare', chooser, kills)).toHaveLength(4);
    expect(injectedInto('flip', chooser, kills)).toHaveLength(3);
    expect(budget.allowsKill('flip')).toBe(false);
    // A function that is invoked repeatedly has a higher limit.
    expect(budget.allowsKill('flip', 5)).toBe(true);
  });

  test('a reversed fault does not count', () => {
    const budget = new FaultBudget();
    for (let index = 0; index < 10; index += 1) {
      budget.record('flip', 'throttle');
      budget.record('flip', 'throttle', -1);
    }
    expect(budget.allowsFault('flip', 'throttle')).toBe(true);
  });
});

test('a fault chosen too soon after another is deferred to the next point', async () => {
  const chooser = new Chooser({ seed: 1, pauseMs: 30 });
  const [first] = faultyOrdinals(1, 500);
  expect(chooser.choose(point(first!), ['throttle'])).toBe('throttle');
  expect(chooser.choose(point(first!, 'copy'), ['slow', 'throttle'])).toBeNull();
  const deferred = Array.from({ length: 100 }, (_, index) =>
    chooser.choose(point(index + 1, 'flip'), ['slow']),
  );
  expect(new Set(deferred)).toEqual(new Set([null]));
  await sleep(40);
  expect(chooser.choose(point(1, 'seal'), ['slow'])).toBe('slow');
});

test('a fault that could not be injected is tried again soon', async () => {
  const chooser = new Chooser({ seed: 1, pauseMs: 60_000 });
  const [first] = faultyOrdinals(1, 500);
  expect(chooser.choose(point(first!), ['throttle'])).toBe('throttle');
  chooser.defer('throttle', point(first!));
  await sleep(250);
  expect(chooser.choose(point(1), ['throttle'])).toBe('throttle');
});

test('a seed draws one fault or two, independent of earlier seeds, and every fault is drawn by some seed', () => {
  const migrations = [
    { name: 'closed', canBeStopped: false },
    { name: 'open', canBeStopped: true },
  ];
  const plans = Array.from({ length: 400 }, (_, seed) => planOf(seed, { migrations, faults: FAULTS }));
  expect(plans[17]).toEqual(planOf(17, { migrations, faults: FAULTS }));
  expect(new Set(plans.map(({ faults }) => faults.length))).toEqual(new Set([1, 2]));
  expect(new Set(plans.flatMap(({ faults }) => faults))).toEqual(new Set(FAULTS));
  const closed = plans.filter(({ migration }) => migration === 'closed');
  expect(closed).toHaveLength(200);
  expect(closed.flatMap(({ faults }) => faults).filter(stopsMigration)).toEqual([]);
  expect(SURVIVABLE_FAULTS.filter(stopsMigration)).toEqual([]);
});
