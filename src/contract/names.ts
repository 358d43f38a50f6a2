/** Names that the CDK app gives and that the CLI, the handlers and the rehearsal look up. One place, so that they agree. */

/** Names of the deployed functions, in the order in which a migration meets them. Each is also its export in lambdas/index.ts. */
export const FUNCTIONS = [
  'begin',
  'preflight',
  'prepare',
  'startCapture',
  'fenceSource',
  'plan',
  'nextWave',
  'copyChunk',
  'verifyChunk',
  'judge',
  'nextSync',
  'applyChanges',
  'catchUp',
  'drain',
  'verifyFenced',
  'cancelFence',
  'seal',
  'flip',
  'openTarget',
  'stopCapture',
  'recordFailure',
  'revoke',
  'undo',
] as const;

export type FunctionName = (typeof FUNCTIONS)[number];

export type StateMachineName = 'Migration' | 'Sync' | 'Abort';

export const functionName = (environment: string, name: FunctionName): string =>
  `sluice-${environment}-${name}`;
export const controlTableName = (environment: string): string => `sluice-${environment}-control`;
export const stateMachineName = (environment: string, name: StateMachineName): string =>
  `sluice-${environment}-${name}`;
export const stackName = (environment: string): string => `sluice-${environment}`;
