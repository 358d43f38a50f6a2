/** Removes the version or alias from a state machine's ARN. */
export const unqualifiedMachineArn = (arn: string): string =>
  arn.replace(/^(arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+):[^:]+$/, '$1');

/** The version or alias that the ARN of a state machine names. */
export function machineQualifier(arn: unknown): string | undefined {
  if (typeof arn !== 'string') return undefined;
  return /^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+:([^:]+)$/.exec(arn)?.[1];
}
