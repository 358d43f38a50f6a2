/** Which fault is done where: the seed's decision, at a pace that a run can bear. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Chooser } from '../../../src/rehearsal/faults/chooser';
import { planOf } from '../../../src/rehearsal/chaos/plan';
import { FAULTS, isStopping, SURVIVED, type Fault } from '../../../src/rehearsal/faults';
import { FaultBudget } from '../../../src/rehearsal/faults/fault-budget';

const point = (ordinal: number, functionName = 'copy') => ({
  functionName,
  operation: 'dynamodb UpdateItem',
  ordinal,
});

/** Ordinals at which a fault is done, among many calls one after the other. */
const courseOf = (seed: number, calls: number): number[] => {
  const chooser = new Chooser({ seed, pauseMs: 0 });
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  return all.filter((ordinal) => chooser.choose(point(ordinal), ['throttle']) !== null);
};

test('the same seed decides alike, another seed otherwise', () => {
  expect(courseOf(1, 500)).toEqual(courseOf(1, 500));
  expect(courseOf(2, 500)).not.toEqual(courseOf(1, 500));
});

test('faults end: ever more rarely at one kind of point, and a bounded number in all', () => {
  const course = courseOf(3, 100_000);
  expect(course.length).toBeGreaterThan(3);
  expect(course.length).toBeLessThanOrEqual(8);
});

test('of many faults, all have their turn', () => {
  const chooser = new Chooser({ seed: 5, pauseMs: 0 });
  const done = ['claim', 'plan', 'copy', 'seal', 'flip'].flatMap((functionName) =>
    Array.from({ length: 200 }, (_, index) => chooser.choose(point(index + 1, functionName), SURVIVED)),
  );
  const names = new Set(done.filter((fault) => fault !== null));
  expect(names).toEqual(new Set(SURVIVED));
});

describe('a function bears a bounded number, of whatever names, so that its callers are not out of tries', () => {
  /** What is done to a function at many calls of each operation. */
  const doneTo = (functionName: string, chooser: Chooser, faults: readonly Fault[]): Fault[] =>
    ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'Execute'].flatMap((operation) =>
      Array.from({ length: 200 }, (_, index) =>
        chooser.choose({ functionName, operation, ordinal: index + 1 }, faults),
      ).filter((fault) => fault !== null),
    );

  test('faults', () => {
    const chooser = new Chooser({ seed: 1, pauseMs: 0 });
    expect(doneTo('prepare', chooser, SURVIVED)).toHaveLength(6);
    expect(doneTo('flip', chooser, SURVIVED)).toHaveLength(6);
  });

  test('kills among them, whoever kills', () => {
    const toll = new FaultBudget();
    const chooser = new Chooser({ seed: 1, pauseMs: 0, budget: toll });
    toll.record('flip', 'kill-lambda');
    const kills: Fault[] = ['kill-before-call', 'kill-after-call'];
    expect(doneTo('prepare', chooser, kills)).toHaveLength(4);
    expect(doneTo('flip', chooser, kills)).toHaveLength(3);
    expect(toll.allowsKill('flip')).toBe(false);
    // Who is invoked for ever may be killed now and then.
    expect(toll.allowsKill('flip', 5)).toBe(true);
  });

  test('what could not be done was not borne', () => {
    const toll = new FaultBudget();
    for (let index = 0; index < 10; index += 1) {
      toll.record('flip', 'throttle');
      toll.record('flip', 'throttle', -1);
    }
    expect(toll.allowsFault('flip', 'throttle')).toBe(true);
  });
});

test('what comes too soon after another is owed, and done at the next point', async () => {
  const chooser = new Chooser({ seed: 1, pauseMs: 30 });
  const [first] = courseOf(1, 500);
  expect(chooser.choose(point(first!), ['throttle'])).toBe('throttle');
  expect(chooser.choose(point(first!, 'copy'), ['slow', 'throttle'])).toBeNull();
  const owed = Array.from({ length: 100 }, (_, index) => chooser.choose(point(index + 1, 'flip'), ['slow']));
  expect(new Set(owed)).toEqual(new Set([null]));
  await sleep(40);
  expect(chooser.choose(point(1, 'seal'), ['slow'])).toBe('slow');
});

test('what could not be done is owed, and tried again soon', async () => {
  const chooser = new Chooser({ seed: 1, pauseMs: 60_000 });
  const [first] = courseOf(1, 500);
  expect(chooser.choose(point(first!), ['throttle'])).toBe('throttle');
  chooser.defer('throttle', point(first!));
  await sleep(250);
  expect(chooser.choose(point(1), ['throttle'])).toBe('throttle');
});

test('a seed draws one fault or two, the same whatever was tried before, each of them sometimes', () => {
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
  expect(closed.flatMap(({ faults }) => faults).filter(isStopping)).toEqual([]);
  expect(SURVIVED.filter(isStopping)).toEqual([]);
});
