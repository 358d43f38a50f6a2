/** Payloads that the compiled machines pass to the functions. */
import type { FunctionName } from '../../src/contract/lifecycle';
import { templateOfDev } from './support';

/** Version of Sync; the engine's tests know no versions, so that a version counts as its machine. */
export const SYNC_MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync';
const CODE = (templateOfDev().findOutputs('CodeVersion').CodeVersion as { Value: string }).Value;

const RUN = {
  'migration.$': '$.migration',
  'generation.$': '$.generation',
  'execution.$': '$.execution',
  'shape.$': '$.shape',
  'direction.$': '$.direction',
  'events.$': '$.events',
};
const COUNTED_RUN = { ...RUN, 'retries.$': '$$.State.RetryCount' };
const CHUNK = {
  'migration.$': '$.migration',
  'generation.$': '$.generation',
  'direction.$': '$.direction',
  'table.$': '$.table',
  'chunk.$': '$.chunk',
};
const ABORT = {
  'migration.$': '$.migration',
  'generation.$': '$.generation',
  'reason.$': '$.reason',
  'runStartedAt.$': '$.runStartedAt',
  'execution.$': '$$.Execution.Id',
};

/** Payload of each function, the same wherever it is invoked. */
export const PAYLOADS: Record<FunctionName, readonly object[]> = {
  claimMigration: [
    {
      'migration.$': '$.migration',
      'execution.$': '$$.Execution.Id',
      'startedAt.$': '$$.Execution.StartTime',
      code: CODE,
      syncMachine: SYNC_MACHINE,
      'continueWith.$': '$.code',
    },
  ],
  preflight: [RUN],
  prepare: [RUN],
  startCapture: [RUN],
  fence: [RUN],
  plan: [RUN],
  nextWave: [
    { ...COUNTED_RUN, purpose: 'copy' },
    { ...COUNTED_RUN, purpose: 'verify' },
  ],
  copyChunk: [CHUNK],
  verifyChunk: [CHUNK],
  judge: [COUNTED_RUN],
  nextSync: [
    {
      'migration.$': '$.migration',
      'generation.$': '$.generation',
      'direction.$': '$.direction',
      'execution.$': '$$.Execution.Id',
      'startedBy.$': '$.startedBy',
      'syncMachine.$': '$.syncMachine',
      code: CODE,
      'events.$': '$.events',
      'retries.$': '$$.State.RetryCount',
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
  catchUp: [COUNTED_RUN],
  cutover: [COUNTED_RUN],
  cancelCutover: [COUNTED_RUN],
  stopCapture: [RUN],
  disarm: [COUNTED_RUN],
  recordFailure: [
    {
      'migration.$': '$$.Execution.Input.migration',
      'execution.$': '$$.Execution.Id',
      failure: { 'Error.$': '$.Error', 'Cause.$': '$.Cause' },
    },
  ],
  revoke: [ABORT],
  reopen: [ABORT],
  clean: [ABORT],
};
