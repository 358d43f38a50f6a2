import { ERRORS } from '../../src/contract/errors';
import type { MigrationDefinition } from '../../src/core/definition';
import { defineMigration } from '../../src/core/definition';
import type { State } from './definitions';
import { definitionOf, wayThrough } from './definitions';
import { templateOfDev } from './support';

const { States: states, ...migration } = definitionOf(templateOfDev(), 'sluice-dev-Migration');
const sync = definitionOf(templateOfDev(), 'sluice-dev-Sync');

/** Rules of a Choice as `value → next`. */
const rulesOf = (state: State | undefined): Record<string, string> =>
  Object.fromEntries(
    (state?.Choices as { StringEquals?: string; Next: string }[]).map((rule) => [
      rule.StringEquals ?? '',
      rule.Next,
    ]),
  );

describe('Migration of shape cdc', () => {
  test('captures before it plans, syncs before it copies, fences last', () => {
    const secondRule = { Shape: 1, RoundsLeft: 1 };
    expect(wayThrough({ ...migration, States: states }, secondRule).slice(4)).toEqual([
      'Shape',
      'StartCapture',
      'LivePlan',
      'FirstSync',
      'StartSync',
      'NoRounds',
      'NextLiveCopyWave',
      'LiveCopyWaveEmpty',
      'NextLiveVerifyWave',
      'LiveVerifyWaveEmpty',
      'NextRound',
      'RoundsLeft',
      'CatchUp',
      'CatchUpVerdict',
      'LiveFenceSource',
      'Drain',
      'VerifyFenced',
      'VerifyFencedVerdict',
      'LiveSeal',
      'LiveFlip',
      'LiveOpenTarget',
      'StopCapture',
      'Moved',
    ]);
  });

  test('starts Sync for the run, as the first, without a name and without waiting for its end', () => {
    expect(states.FirstSync).toMatchObject({ Result: { replaces: null }, ResultPath: '$.sync' });
    expect(states.StartSync).toMatchObject({
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: {
        StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync',
        Input: {
          'migration.$': '$.migration',
          'generation.$': '$.generation',
          'direction.$': '$.direction',
          'replaces.$': '$.sync.replaces',
        },
      },
      ResultPath: null,
    });
    expect(states.StartSync!.Parameters).not.toHaveProperty('Name');
    expect(states.StartSync!.Retry).toMatchObject([{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 20 }]);
  });

  test('catches up until the function says that the source may be fenced', () => {
    expect(rulesOf(states.CatchUpVerdict)).toEqual({
      ready: 'LiveFenceSource',
      verify: 'NextLiveVerifyWave',
      wait: 'WaitForSync',
    });
    expect(states.CatchUpVerdict!.Default).toBe('CatchUpVerdictUnknown');
    expect(states.CatchUpVerdictUnknown).toMatchObject({
      Result: { Error: ERRORS.brokenLedger },
      Next: 'RecordFailure',
    });
  });

  test('waits longer with each round, and is held before the rounds fill the history', () => {
    expect(states.NoRounds).toMatchObject({ Result: { count: 0 }, ResultPath: '$.rounds' });
    expect(states.NextRound).toMatchObject({
      Parameters: { 'count.$': 'States.MathAdd($.rounds.count, 1)' },
      ResultPath: '$.rounds',
      Next: 'RoundsLeft',
    });
    expect(states.WaitForSync).toMatchObject({ SecondsPath: '$.rounds.count', Next: 'NextRound' });
    expect(states.RoundsLeft).toMatchObject({
      Choices: [{ Variable: '$.rounds.count', NumericGreaterThan: 500, Next: 'RoundsUsedUp' }],
      Default: 'CatchUp',
    });
    expect(states.RoundsUsedUp).toMatchObject({
      Result: { Error: ERRORS.notCaughtUp },
      Next: 'RecordFailure',
    });
    const round = ['NextRound', 'RoundsLeft', 'CatchUp', 'CatchUpVerdict', 'WaitForSync'];
    const worst = sum(round.map((name) => eventsMax(states[name]!)));
    expect(500 * worst).toBeLessThan(24_000);
  });

  test('keeps the count of rounds over everything that leads back to catching up', () => {
    const onTheWay = ['CatchUp', 'LiveFenceSource', 'Drain', 'VerifyFenced', 'LiveSeal', 'CancelFence'];
    for (const name of [...onTheWay, 'CancelFenceToRecopy']) {
      expect(states[name]!.OutputPath).toBeUndefined();
      expect([null, '$.judgement']).toContain(states[name]!.ResultPath);
      for (const { Next, ...rest } of states[name]!.Catch!)
        if (Next === 'CancelFence') expect(rest).toMatchObject({ ResultPath: null });
    }
  });

  describe('behind the fence', () => {
    const fenced = ['LiveFenceSource', 'Drain', 'VerifyFenced', 'LiveSeal'];

    test.each(fenced)('%s tries again at once, three times, and then gives the writes back', (name) => {
      const { Retry: retry, Catch: caught } = states[name]!;
      for (const { MaxAttempts, MaxDelaySeconds } of retry!) {
        expect(MaxAttempts).toBe(3);
        expect(MaxDelaySeconds).toBeLessThanOrEqual(2);
      }
      expect(caught![0]).toMatchObject({ Next: 'CancelFence' });
      const retried = retry!.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect([...caught![0]!.ErrorEquals].sort()).toEqual([ERRORS.fenceExpired, ...retried].sort());
    });

    test.each([
      ['CancelFence', 'NextRound'],
      ['CancelFenceToRecopy', 'NextLiveCopyWave'],
    ])('%s leads to %s, and insists', (name, next) => {
      expect(states[name]!.Next).toBe(next);
      expect(states[name]!.Retry![0]!.MaxAttempts).toBeGreaterThan(10);
      expect(states[name]!.Catch).toHaveLength(2);
    });

    test('chunks that were reopened are copied again, under writes', () => {
      expect(rulesOf(states.VerifyFencedVerdict)).toEqual({
        clean: 'LiveSeal',
        recopy: 'CancelFenceToRecopy',
      });
      expect(states.VerifyFencedVerdict!.Default).toBe('VerifyFencedVerdictUnknown');
    });

    test('from the seal to the open target, or back, no retry waits long', () => {
      for (const name of ['LiveFlip', 'LiveOpenTarget', 'CancelFence', 'CancelFenceToRecopy'])
        for (const { MaxDelaySeconds } of states[name]!.Retry!)
          expect(MaxDelaySeconds).toBeLessThanOrEqual(10);
    });
  });
});

describe('Sync', () => {
  const { States: own } = sync;

  test('asks the ledger, lets the appliers work, and asks again', () => {
    expect(wayThrough(sync, { RoundsLeft: 1, SyncOver: 1 })).toEqual([
      'MigrationNamed',
      'NoRounds',
      'NextRound',
      'RoundsLeft',
      'NextSync',
      'SyncOver',
      'Apply',
    ]);
    expect(own.Apply!.Next).toBe('NextRound');
  });

  test('ends when the ledger says that it is over, and does not spin when nothing is handed out', () => {
    expect(own.SyncOver).toMatchObject({
      Choices: [
        { Variable: '$.sync.over', BooleanEquals: true, Next: 'Over' },
        { Variable: '$.sync.items[0]', IsPresent: true, Next: 'Apply' },
      ],
      Default: 'NothingToApply',
    });
    expect(own.NothingToApply).toEqual({ Type: 'Wait', Seconds: 10, Next: 'NextRound' });
  });

  test('an applier that fails for good leaves its siblings alone', () => {
    expect(own.Apply).toMatchObject({
      Type: 'Map',
      ItemsPath: '$.sync.items',
      ResultPath: null,
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } },
    });
    expect(own.Apply!.Retry).toBeUndefined();
    const { ApplyChanges, ApplierFailed } = own.Apply!.ItemProcessor!.States;
    expect(ApplyChanges!.Catch).toEqual([
      { ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'ApplierFailed' },
    ]);
    expect(ApplierFailed).toEqual({ Type: 'Wait', Seconds: 10, End: true });
  });

  test('a round that cannot be begun is tried for hours, and fails the execution then', () => {
    expect(own.NextSync!.Catch).toBeUndefined();
    const [passing, lost] = own.NextSync!.Retry!;
    expect([passing!.MaxAttempts, lost!.MaxAttempts]).toEqual([360, 60]);
  });

  test('renews itself as a new execution that takes its place', () => {
    expect(own.RoundsLeft).toMatchObject({
      Choices: [{ Variable: '$.rounds.count', NumericGreaterThan: 4, Next: 'Renew' }],
      Default: 'NextSync',
    });
    expect(own.Renew).toMatchObject({
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: {
        StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync',
        Input: {
          'migration.$': '$.migration',
          'generation.$': '$.generation',
          'direction.$': '$.direction',
          'replaces.$': '$$.Execution.Id',
        },
      },
      Next: 'Renewed',
    });
  });

  test('renews itself before the history can be full, even if everything is retried as often as it may be', () => {
    const iteration = 2 + sum(Object.values(own.Apply!.ItemProcessor!.States).map(eventsMax));
    const map = 4 + APPLIERS_MAX * iteration;
    const round =
      map + sum(['NextRound', 'RoundsLeft', 'NextSync', 'SyncOver'].map((name) => eventsMax(own[name]!)));
    const around = ['MigrationNamed', 'NoRounds', 'NextRound', 'RoundsLeft', 'Renew', 'Renewed'];
    const total = 4 * round + sum(around.map((name) => eventsMax(own[name]!))) + 2;
    expect(total).toBeLessThan(24_000);
  });

  test('no definition may have more appliers than the bound counts with', () => {
    const refusal = (appliersMax: number): unknown => {
      try {
        return defineMigration({ sync: { appliersMax } } as unknown as MigrationDefinition);
      } catch (error) {
        return error;
      }
    };
    expect(String(refusal(APPLIERS_MAX))).not.toContain('sync.appliersMax');
    expect(String(refusal(APPLIERS_MAX + 1))).toContain('sync.appliersMax is 17');
  });

  test('is started by Migration only: what a hand would leave out is refused', () => {
    const [given] = own.MigrationNamed!.Choices as unknown as { And: unknown }[];
    for (const name of ['migration', 'generation', 'direction', 'replaces'])
      expect(JSON.stringify(given)).toContain(`{"Variable":"$.${name}","IsPresent":true}`);
    expect(own.InputRefused!.Cause).toContain('do not start it by hand');
  });
});

const APPLIERS_MAX = 16;

/** Events that one visit adds at most: entered and exited, and for each attempt scheduled, started and its end. */
const eventsMax = ({ Type, Retry = [] }: State): number =>
  2 + (Type === 'Task' ? 3 * (1 + sum(Retry.map(({ MaxAttempts }) => MaxAttempts))) : 0);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
