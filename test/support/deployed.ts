import type { DeployedCode } from '../../src/contract/payloads';

/** The code of a deployment, as tests pass it to the rules. */
export const DEPLOYED: DeployedCode = {
  code: 'c0de0001',
  syncMachine: 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync:1',
};
