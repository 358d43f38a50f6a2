/** Composition of the stack's state machines. conformance.test.ts covers where each outcome leads. */
import { ERRORS, LOST_RESPONSE_ERRORS } from '../../src/contract/errors';
import { functionRows } from '../../src/contract/lifecycle';
import { type MigrationDefinition, defineMigration } from '../../src/core/definition/definition';
import { allStates, definitionOf, invokedBy, pathThrough, type State } from './definitions';
import { PAYLOADS, SYNC_MACHINE } from './payloads';
import { templateOfDev } from './support';

const migration = definitionOf(templateOfDev(), 'sluice-dev-Migration');
const abort = definitionOf(templateOfDev(), 'sluice-dev-Abort');
const sync = definitionOf(templateOfDev(), 'sluice-dev-Sync');
const everyState = [migration, sync, abort].flatMap(allStates);
const everyFunction = functionRows().map(({ name }) => name);

describe('all machines', () => {
  test.each(everyFunction)('%s receives the payload that the contract specifies', (name) => {
    const tasks = everyState.filter(([, state]) => invokedBy(state) === name);
    const payloads = new Set(tasks.map(([, state]) => JSON.stringify(state.Parameters?.Payload)));
    expect([...payloads].map((text) => JSON.parse(text) as unknown)).toEqual(PAYLOADS[name]);
  });

  test('every invocation has a timeout and retries transient errors with full jitter', () => {
    const tasks = everyState.filter(([, state]) => invokedBy(state));
    expect(new Set(tasks.map(([, state]) => invokedBy(state)))).toEqual(new Set(everyFunction));
    for (const [, state] of tasks) {
      expect(state.TimeoutSeconds).toBeLessThanOrEqual(960);
      expect(state.Retry!.map(({ ErrorEquals }) => ErrorEquals)).toEqual([
        expect.arrayContaining([ERRORS.transient, 'Lambda.TooManyRequestsException']),
        LOST_RESPONSE_ERRORS,
      ]);
      for (const { JitterStrategy, MaxDelaySeconds } of state.Retry!) {
        expect(JitterStrategy).toBe('FULL');
        expect(MaxDelaySeconds).toBeLessThanOrEqual(120);
      }
    }
  });

  test("a function's decision is never retried", () => {
    const retried = everyState.flatMap(([, state]) =>
      (state.Retry ?? []).flatMap((retry) => retry.ErrorEquals),
    );
    const decisions = Object.values(ERRORS).filter((name) => name !== ERRORS.transient);
    expect(retried.filter((name) => (decisions as string[]).includes(name))).toEqual([]);
    expect(retried).not.toContain('States.ALL');
  });

  test('a result replaces the state; a caught error leaves the state unchanged', () => {
    for (const [name, state] of everyState.filter(([, each]) => invokedBy(each))) {
      if (name === 'RecordFailure') continue;
      expect([name, state.OutputPath, state.ResultPath]).toEqual([name, '$.Payload', undefined]);
      for (const { Next, ...rest } of state.Catch ?? [])
        expect([name, Next, 'ResultPath' in rest]).toEqual([name, Next, Next !== 'RecordFailure']);
    }
  });

  test('an input without a migration name is refused before anything runs', () => {
    for (const definition of [migration, sync, abort]) {
      const start = definition.States[definition.StartAt]!;
      expect(start.Type).toBe('Choice');
      expect(definition.States[start.Default!]).toMatchObject({ Type: 'Fail', Error: ERRORS.malformedInput });
    }
  });

  test('a choice checks that a value is present before comparing it', () => {
    const choices = everyState.filter(([name]) => name.endsWith('Verdict') || name === 'Shape');
    expect(choices.length).toBeGreaterThan(10);
    for (const [name, { Choices: [first] = [] }] of choices)
      expect([name, first]).toMatchObject([name, { Not: { IsPresent: true } }]);
  });

  test('time out no earlier than their work', () => {
    const day = 24 * 60 * 60;
    expect([migration, sync, abort].map(({ TimeoutSeconds }) => TimeoutSeconds)).toEqual([
      30 * day,
      30 * day,
      day,
    ]);
  });
});

/** Names of a shape's states from start to end when everything succeeds and no gate waits. */
const pathOf = (shape: number): string[] =>
  pathThrough(
    migration,
    Object.fromEntries([
      ['Shape', shape],
      ...Object.keys(migration.States)
        .filter((name) => name.endsWith('Verdict'))
        // The first rule handles a missing verdict; a wave gate's second rule is `wave`, its third `empty`.
        .map((name): [string, number] => [name, name.endsWith('WaveVerdict') ? 2 : 1]),
    ]),
  ).filter((name) => !name.endsWith('Verdict'));

describe('Migration', () => {
  test('of shape offline runs from the claim through the fence to the cutover', () => {
    expect(pathOf(1)).toEqual([
      'MigrationNamed',
      'CodeGiven',
      'ClaimMigration',
      'Preflight',
      'Prepare',
      'Shape',
      'OfflineFence',
      'OfflinePlan',
      'OfflineNextCopyWave',
      'OfflineNextVerifyWave',
      'OfflineJudge',
      'OfflineCutover',
      'OfflineDisarm',
      'OfflineMoved',
    ]);
  });

  test('of shape cdc captures before planning, syncs before copying, and fences last', () => {
    expect(pathOf(2).slice(5)).toEqual([
      'Shape',
      'CdcStartCapture',
      'CdcPlan',
      'CdcStartSync',
      'CdcNextCopyWave',
      'CdcNextVerifyWave',
      'CdcCatchUp',
      'CdcCutover',
      'CdcStopCapture',
      'CdcDisarm',
      'CdcMoved',
    ]);
  });

  test.each(['OfflineCopy', 'OfflineVerify', 'CdcCopy', 'CdcVerify'])(
    '%s runs one wave as Standard child executions, tolerates their failures and is not retried',
    (name) => {
      expect(migration.States[name]).toMatchObject({
        Type: 'Map',
        Label: name,
        ItemsPath: '$.items',
        MaxConcurrencyPath: '$.concurrency',
        ToleratedFailurePercentage: 100,
        ResultPath: null,
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      });
      expect(migration.States[name]!.Retry).toBeUndefined();
    },
  );

  test('items have no output, because a map collects all outputs in one state', () => {
    for (const { ItemProcessor } of [...Object.values(migration.States), ...Object.values(sync.States)]) {
      const ends = Object.values(ItemProcessor?.States ?? {}).filter(
        ({ Type, End }) => Type === 'Succeed' || End === true,
      );
      for (const end of ends) expect(end).toEqual({ Type: 'Succeed', OutputPath: null });
    }
  });

  test('an unknown shape is recorded as a failure', () => {
    expect(migration.States.Shape).toMatchObject({
      Choices: [
        { Next: 'ShapeUnknown' },
        { Variable: '$.shape', StringEquals: 'offline', Next: 'OfflineFence' },
        { Variable: '$.shape', StringEquals: 'cdc', Next: 'CdcStartCapture' },
      ],
      Default: 'ShapeUnknown',
    });
    expect(migration.States.ShapeUnknown).toMatchObject({
      Result: { Error: ERRORS.inconsistentLedger },
      Next: 'RecordFailure',
    });
  });

  test('every failure is recorded, and the execution then fails with the same error', () => {
    const failing = Object.entries(migration.States).filter(
      ([name, { Type }]) => ['Task', 'Map'].includes(Type) && name !== 'RecordFailure',
    );
    for (const [, state] of failing) {
      expect(state.Catch!.slice(-2)).toEqual([
        { ErrorEquals: ['States.DataLimitExceeded'], Next: 'RecordFailure' },
        { ErrorEquals: ['States.ALL'], Next: 'RecordFailure' },
      ]);
    }
    const caughtElsewhere = failing.filter(([, state]) => state.Catch!.length > 2).map(([name]) => name);
    expect(caughtElsewhere).toEqual(['CdcCutover']);
    expect(migration.States.RecordFailure).toMatchObject({
      ResultPath: null,
      Next: 'Failed',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Failed' }],
    });
    expect(migration.States.Failed).toEqual({ Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' });
  });

  test('the cutover is retried within seconds, because its fence lasts seconds, and then cancelled', () => {
    const { Retry: retry, Catch: caught } = migration.States.CdcCutover!;
    // A transient error, then a function that died.
    expect(retry!.map(({ MaxAttempts }) => MaxAttempts)).toEqual([6, 3]);
    for (const { MaxDelaySeconds } of retry!) expect(MaxDelaySeconds).toBeLessThanOrEqual(2);
    const cancelled = caught!.filter(({ Next }) => Next === 'CdcCancelCutover');
    const retried = retry!.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(cancelled.flatMap(({ ErrorEquals }) => ErrorEquals).sort()).toEqual(
      [ERRORS.fenceExpired, ...retried].sort(),
    );
  });

  test.each(['OfflineCutover', 'CdcCancelCutover', 'CdcFinishCutover'])(
    '%s keeps retrying at short intervals, because both ends may be refusing writes',
    (name) => {
      const [passing] = migration.States[name]!.Retry!;
      expect(passing!.MaxAttempts).toBeGreaterThan(10);
      for (const { MaxDelaySeconds } of migration.States[name]!.Retry!)
        expect(MaxDelaySeconds).toBeLessThanOrEqual(10);
    },
  );

  test('waits for the seconds that the verdict names', () => {
    expect(migration.States.CdcWaitForSync).toEqual({
      Type: 'Wait',
      SecondsPath: '$.seconds',
      Next: 'CdcCatchUp',
    });
  });
});

/** An execution of Sync is started without a name and without waiting for its end. */
const requireStart = (state: State | undefined): void => {
  expect(state).toMatchObject({
    Resource: 'arn:aws:states:::states:startExecution',
    Parameters: {
      Input: {
        'migration.$': '$.migration',
        'generation.$': '$.generation',
        'direction.$': '$.direction',
        'startedBy.$': '$$.Execution.Id',
        events: 0,
      },
    },
    ResultPath: null,
  });
  expect(state!.Parameters).not.toHaveProperty('Name');
};

describe('Sync', () => {
  const { States: own } = sync;

  test('is started by Migration, and by itself before its history fills', () => {
    requireStart(migration.States.CdcStartSync);
    requireStart(own.Renew);
    expect(migration.States.CdcStartSync!.Parameters).toMatchObject({
      StateMachineArn: SYNC_MACHINE,
      Input: { syncMachine: SYNC_MACHINE },
    });
    expect(own.Renew!.Parameters).toMatchObject({
      'StateMachineArn.$': '$.syncMachine',
      Input: { 'syncMachine.$': '$.syncMachine' },
    });
    const retries = [migration.States.CdcStartSync, own.Renew].map((state) => state!.Retry);
    expect(retries).toMatchObject([
      [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 20 }],
      [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 360 }],
    ]);
  });

  test('a failed applier does not stop its siblings, and no round ends immediately', () => {
    expect(own.Apply).toMatchObject({
      Type: 'Map',
      ItemsPath: '$.items',
      ResultPath: null,
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } },
    });
    expect(own.Apply!.Retry).toBeUndefined();
    const { ApplyChanges, ApplierFailed } = own.Apply!.ItemProcessor!.States;
    expect(ApplyChanges!.Catch).toEqual([
      { ErrorEquals: ['States.DataLimitExceeded'], ResultPath: null, Next: 'ApplierFailed' },
      { ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'ApplierFailed' },
    ]);
    expect(ApplierFailed).toEqual({ Type: 'Wait', Seconds: 10, Next: 'Applied' });
    expect(own.Pause).toEqual({ Type: 'Wait', Seconds: 10, Next: 'NextSync' });
  });

  test('a round that cannot start is retried for hours, then fails the execution', () => {
    expect(own.NextSync!.Catch).toBeUndefined();
    const [passing, lost] = own.NextSync!.Retry!;
    expect([passing!.MaxAttempts, lost!.MaxAttempts]).toEqual([360, 60]);
  });

  test('no definition may have more appliers than the event budget allows', () => {
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

  test('is started by machines only: an input with missing fields is refused', () => {
    const [given] = own.MigrationNamed!.Choices as unknown as { And: unknown }[];
    for (const name of ['migration', 'generation', 'direction', 'startedBy', 'syncMachine', 'events'])
      expect(JSON.stringify(given)).toContain(`{"Variable":"$.${name}","IsPresent":true}`);
    expect(own.InputRefused!.Cause).toContain('do not start it by hand');
  });
});

const APPLIERS_MAX = 16;
