import { ERRORS } from '../../src/contract/errors';
import type { FunctionName } from '../../src/contract/names';
import { FUNCTIONS } from '../../src/contract/names';
import { allStates, definitionOf, invokedBy, wayThrough } from './definitions';
import { templateOfDev } from './support';

const migration = definitionOf(templateOfDev(), 'sluice-dev-Migration');
const abort = definitionOf(templateOfDev(), 'sluice-dev-Abort');
const sync = definitionOf(templateOfDev(), 'sluice-dev-Sync');
const everyState = [migration, sync, abort].flatMap(allStates);

const RUN = {
  'migration.$': '$.migration',
  'generation.$': '$.generation',
  'direction.$': '$.direction',
  'execution.$': '$.execution',
  'shape.$': '$.shape',
};
const CHUNK = {
  'migration.$': '$.migration',
  'generation.$': '$.generation',
  'direction.$': '$.direction',
  'table.$': '$.table',
  'chunk.$': '$.chunk',
};
const REASON = { 'migration.$': '$.migration', 'reason.$': '$.reason', 'execution.$': '$$.Execution.Id' };

/** What each function is sent, wherever it is invoked, for it is all that it knows. */
const PAYLOADS: Record<FunctionName, readonly object[]> = {
  begin: [{ 'migration.$': '$.migration', 'execution.$': '$$.Execution.Id' }],
  preflight: [RUN],
  prepare: [RUN],
  startCapture: [RUN],
  fenceSource: [RUN],
  plan: [RUN],
  nextWave: [
    { ...RUN, purpose: 'copy' },
    { ...RUN, purpose: 'verify' },
  ],
  copyChunk: [CHUNK],
  verifyChunk: [CHUNK],
  judge: [RUN],
  nextSync: [
    {
      'migration.$': '$.migration',
      'generation.$': '$.generation',
      'direction.$': '$.direction',
      'execution.$': '$$.Execution.Id',
      'replaces.$': '$.replaces',
    },
  ],
  applyChanges: [
    {
      'migration.$': '$.migration',
      'generation.$': '$.generation',
      'direction.$': '$.direction',
      'execution.$': '$.execution',
      'applier.$': '$.applier',
      'appliers.$': '$.appliers',
    },
  ],
  catchUp: [RUN],
  drain: [RUN],
  verifyFenced: [RUN],
  cancelFence: [RUN],
  seal: [RUN],
  flip: [RUN],
  openTarget: [RUN],
  stopCapture: [RUN],
  recordFailure: [
    {
      'migration.$': '$$.Execution.Input.migration',
      'execution.$': '$$.Execution.Id',
      failure: { 'Error.$': '$.Error', 'Cause.$': '$.Cause' },
    },
  ],
  revoke: [REASON],
  undo: [REASON],
};

describe('all machines', () => {
  test.each(FUNCTIONS)('%s is sent what the contract says', (name) => {
    const tasks = everyState.filter(([, state]) => invokedBy(state) === name);
    const payloads = new Set(tasks.map(([, state]) => JSON.stringify(state.Parameters?.Payload)));
    expect([...payloads].map((text) => JSON.parse(text) as unknown)).toEqual(PAYLOADS[name]);
  });

  test('every invocation has a bound and retries what may pass, with full jitter', () => {
    const tasks = everyState.filter(([, state]) => invokedBy(state));
    expect(new Set(tasks.map(([, state]) => invokedBy(state)))).toEqual(new Set(FUNCTIONS));
    for (const [, state] of tasks) {
      expect(state.TimeoutSeconds).toBeLessThanOrEqual(960);
      expect(state.Retry!.map(({ ErrorEquals }) => ErrorEquals)).toEqual([
        expect.arrayContaining([ERRORS.transient, 'Lambda.TooManyRequestsException']),
        ['Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout', 'States.Timeout'],
      ]);
      for (const { JitterStrategy, MaxDelaySeconds } of state.Retry!) {
        expect(JitterStrategy).toBe('FULL');
        expect(MaxDelaySeconds).toBeLessThanOrEqual(120);
      }
    }
  });

  test("a handler's decision is never retried", () => {
    const retried = everyState.flatMap(([, state]) =>
      (state.Retry ?? []).flatMap((retry) => retry.ErrorEquals),
    );
    const decisions = Object.values(ERRORS).filter((name) => name !== ERRORS.transient);
    expect(retried.filter((name) => (decisions as string[]).includes(name))).toEqual([]);
    expect(retried).not.toContain('States.ALL');
  });

  test('an input without a name is refused before anything runs', () => {
    for (const definition of [migration, sync, abort]) {
      const start = definition.States[definition.StartAt]!;
      expect(start.Type).toBe('Choice');
      expect(definition.States[start.Default!]).toMatchObject({ Type: 'Fail', Error: ERRORS.malformedInput });
    }
  });
});

describe('Migration of shape offline', () => {
  test('goes from the claim to the open target, gate after gate', () => {
    expect(wayThrough(migration)).toEqual([
      'MigrationNamed',
      'Begin',
      'Preflight',
      'Prepare',
      'Shape',
      'FenceSource',
      'Plan',
      'NextCopyWave',
      'CopyWaveEmpty',
      'NextVerifyWave',
      'VerifyWaveEmpty',
      'Judge',
      'JudgeVerdict',
      'Seal',
      'Flip',
      'OpenTarget',
      'Moved',
    ]);
  });

  test('goes back to the copy only when the judge says so, and on only when it says clean', () => {
    expect(migration.States.JudgeVerdict).toMatchObject({
      Choices: [
        { Variable: '$.judgement.verdict', StringEquals: 'clean', Next: 'Seal' },
        { Variable: '$.judgement.verdict', StringEquals: 'recopy', Next: 'NextCopyWave' },
      ],
      Default: 'JudgeVerdictUnknown',
    });
    expect(migration.States.JudgeVerdictUnknown!.Next).toBe('RecordFailure');
  });

  test.each(['Copy', 'Verify'])(
    '%s takes one wave as Standard children and asks the ledger afterwards',
    (name) => {
      expect(migration.States[name]).toMatchObject({
        Type: 'Map',
        Label: name,
        ItemsPath: '$.wave.items',
        MaxConcurrencyPath: '$.wave.concurrency',
        ToleratedFailurePercentage: 100,
        ResultPath: null,
        Next: `Next${name}Wave`,
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      });
      expect(migration.States[name]!.Retry).toBeUndefined();
      expect(migration.States[`${name}WaveEmpty`]).toMatchObject({
        Choices: [{ Variable: '$.wave.empty', BooleanEquals: true }],
        Default: name,
      });
    },
  );

  test('a chunk is copied again until it is done, and its output is empty', () => {
    const { States } = migration.States.Copy!.ItemProcessor!;
    expect(States.ChunkDone).toMatchObject({
      Choices: [{ Variable: '$.progress.done', BooleanEquals: true, Next: 'ChunkCopied' }],
      Default: 'CopyChunk',
    });
    expect(States.ChunkCopied).toEqual({ Type: 'Succeed', OutputPath: null });
    expect(migration.States.Verify!.ItemProcessor!.States.VerifyChunk).toMatchObject({
      End: true,
      ResultPath: null,
      OutputPath: null,
    });
  });

  test('is the only shape besides cdc: another is recorded as a failure', () => {
    expect(migration.States.Shape).toMatchObject({
      Choices: [
        { Variable: '$.shape', StringEquals: 'offline', Next: 'FenceSource' },
        { Variable: '$.shape', StringEquals: 'cdc', Next: 'StartCapture' },
      ],
      Default: 'ShapeUnknown',
    });
    expect(migration.States.ShapeUnknown).toMatchObject({
      Result: { Error: ERRORS.brokenLedger },
      Next: 'RecordFailure',
    });
  });

  test('whatever fails is recorded, and the execution then fails with that very error', () => {
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
    expect(caughtElsewhere.sort()).toEqual(['Drain', 'LiveFenceSource', 'LiveSeal', 'VerifyFenced']);
    expect(migration.States.RecordFailure).toMatchObject({
      ResultPath: null,
      Next: 'Failed',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Failed' }],
    });
    expect(migration.States.Failed).toEqual({ Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' });
  });

  test('lives at most 30 days', () => expect(migration.TimeoutSeconds).toBe(30 * 24 * 60 * 60));
});

describe('Abort', () => {
  test('fences, stops the owner if there is one, reverts', () => {
    expect(abort.States.Revoke!.Next).toBe('OwnerFound');
    expect(abort.States.OwnerFound).toMatchObject({
      Choices: [{ Variable: '$.owner', IsString: true, Next: 'StopOwner' }],
      Default: 'Undo',
    });
    expect(abort.States.StopOwner).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:sfn:stopExecution',
      Parameters: { 'ExecutionArn.$': '$.owner', 'Cause.$': '$.reason' },
      ResultPath: null,
      Next: 'Undo',
    });
    expect(abort.States.Undo!.Next).toBe('Aborted');
  });

  test('goes on when the owner cannot be stopped, for its workers are fenced', () => {
    expect(abort.States.StopOwner!.Catch).toEqual([
      { ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Undo' },
    ]);
  });

  test('needs no reason', () => {
    expect(abort.States.ReasonGiven).toMatchObject({
      Choices: [{ Next: 'Revoke' }],
      Default: 'ReasonNotGiven',
    });
    expect(abort.States.ReasonNotGiven).toMatchObject({
      Type: 'Pass',
      ResultPath: '$.reason',
      Result: 'no reason was given',
      Next: 'Revoke',
    });
  });
});
