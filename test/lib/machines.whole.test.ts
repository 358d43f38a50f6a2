import { ERRORS } from '../../src/contract/errors';
import type { FunctionName } from '../../src/contract/names';
import { FUNCTIONS } from '../../src/contract/names';
import validate from 'asl-validator';
import { allStates, definitionOf, invokedBy } from './definitions';
import { templateOfDev } from './support';

const migration = definitionOf(templateOfDev(), 'sluice-dev-Migration');
const abort = definitionOf(templateOfDev(), 'sluice-dev-Abort');
const everyState = [...allStates(migration), ...allStates(abort)];

const RUN = { 'migration.$': '$.migration', 'generation.$': '$.generation', 'execution.$': '$.execution' };
const CHUNK = {
  'migration.$': '$.migration',
  'generation.$': '$.generation',
  'table.$': '$.table',
  'chunk.$': '$.chunk',
};
const REASON = { 'migration.$': '$.migration', 'reason.$': '$.reason', 'execution.$': '$$.Execution.Id' };

/** What each function is sent, for it is all that it knows. */
const PAYLOADS: Record<FunctionName, readonly object[]> = {
  begin: [{ 'migration.$': '$.migration', 'execution.$': '$$.Execution.Id' }],
  preflight: [RUN],
  prepare: [RUN],
  fenceSource: [RUN],
  plan: [RUN],
  nextWave: [
    { ...RUN, purpose: 'copy' },
    { ...RUN, purpose: 'verify' },
  ],
  copyChunk: [CHUNK],
  verifyChunk: [CHUNK],
  judge: [RUN],
  seal: [RUN],
  flip: [RUN],
  openTarget: [RUN],
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

describe('both machines', () => {
  test.each([
    ['Migration', migration],
    ['Abort', abort],
  ])('%s is valid in the language of Step Functions', (_name, definition) => {
    const verdict = validate(structuredClone(definition));
    expect(verdict.isValid ? '' : verdict.errorsText('\n')).toBe('');
  });

  test.each(FUNCTIONS)('%s is sent what the contract says', (name) => {
    const tasks = everyState.filter(([, state]) => invokedBy(state) === name);
    expect(tasks.map(([, state]) => state.Parameters?.Payload)).toEqual(PAYLOADS[name]);
  });

  test('every invocation has a bound and retries what may pass, with full jitter', () => {
    const tasks = everyState.filter(([, state]) => invokedBy(state));
    expect(tasks).toHaveLength(FUNCTIONS.length + 1);
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
    for (const definition of [migration, abort]) {
      const start = definition.States[definition.StartAt]!;
      expect(start.Type).toBe('Choice');
      expect(definition.States[start.Default!]).toMatchObject({ Type: 'Fail', Error: ERRORS.malformedInput });
    }
  });
});

describe('Migration', () => {
  /** Follows the way of a run that needs nothing twice: the first Choice branch is the way on. */
  function wayOn(): string[] {
    const way: string[] = [];
    let name: string | undefined = migration.StartAt;
    while (name !== undefined && !way.includes(name)) {
      way.push(name);
      const state: (typeof migration.States)[string] = migration.States[name]!;
      name = state.Type === 'Choice' ? state.Choices![0]!.Next : state.Next;
    }
    return way;
  }

  test('goes from the claim to the open target, gate after gate', () => {
    expect(wayOn()).toEqual([
      'MigrationNamed',
      'Begin',
      'Preflight',
      'Prepare',
      'FenceSource',
      'Plan',
      'NextCopyWave',
      'CopyWaveEmpty',
      'NextVerifyWave',
      'VerifyWaveEmpty',
      'Judge',
      'Verdict',
      'Seal',
      'Flip',
      'OpenTarget',
      'Moved',
    ]);
  });

  test('goes back to the copy only when the judge says so, and on only when it says clean', () => {
    expect(migration.States.Verdict).toMatchObject({
      Choices: [
        { Variable: '$.judgement.verdict', StringEquals: 'clean', Next: 'Seal' },
        { Variable: '$.judgement.verdict', StringEquals: 'recopy', Next: 'NextCopyWave' },
      ],
      Default: 'VerdictUnknown',
    });
    expect(migration.States.VerdictUnknown!.Next).toBe('RecordFailure');
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

  test('whatever fails is recorded, and the execution then fails with that very error', () => {
    const failing = Object.entries(migration.States).filter(
      ([name, { Type }]) => ['Task', 'Map'].includes(Type) && name !== 'RecordFailure',
    );
    for (const [, state] of failing) {
      expect(state.Catch).toEqual([
        { ErrorEquals: ['States.DataLimitExceeded'], Next: 'RecordFailure' },
        { ErrorEquals: ['States.ALL'], Next: 'RecordFailure' },
      ]);
    }
    expect(failing).toHaveLength(13);
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
