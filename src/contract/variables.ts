/** Environment variables that the CDK app sets on every function and that the handlers read. */
export const VARIABLES = {
  /** Name of the environment (a `cdk deploy`), e.g. `dev`; selects the endpoints of a definition. */
  environment: 'SLUICE_ENVIRONMENT',
  /** Name of the DynamoDB control table. */
  controlTable: 'SLUICE_CONTROL_TABLE',
  /** Version of the deployment's code, which a generation records when it starts. */
  code: 'SLUICE_CODE',
} as const;
