/** Names that the CDK app gives and that the CLI, the handlers and the rehearsal look up. One place, so that they agree. */

import type { FunctionName, MachineName } from './lifecycle';

export const functionName = (environment: string, name: FunctionName): string =>
  `sluice-${environment}-${name}`;
export const controlTableName = (environment: string): string => `sluice-${environment}-control`;
export const stateMachineName = (environment: string, name: MachineName): string =>
  `sluice-${environment}-${name}`;
export const stackName = (environment: string): string => `sluice-${environment}`;
