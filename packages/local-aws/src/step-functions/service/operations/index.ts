import { ownValue, type Json } from '../../json';
import type { Operation, ServiceContext } from '../operation';
import { Request } from '../request';
import { ServiceError } from '../service-error';
import { createStateMachine } from './create-state-machine';
import { deleteStateMachine } from './delete-state-machine';
import { describeExecution } from './describe-execution';
import { describeMapRun } from './describe-map-run';
import { describeStateMachine } from './describe-state-machine';
import { describeStateMachineForExecution } from './describe-state-machine-for-execution';
import { getExecutionHistory } from './get-execution-history';
import { listExecutions } from './list-executions';
import { listMapRuns } from './list-map-runs';
import { listStateMachineVersions } from './list-state-machine-versions';
import { listStateMachines } from './list-state-machines';
import { redriveExecution } from './redrive-execution';
import { sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess } from './send-task';
import { describeStateMachineAlias, listStateMachineAliases } from './state-machine-aliases';
import { startExecution } from './start-execution';
import { stopExecution } from './stop-execution';
import { listTagsForResource, tagResource, untagResource } from './tags';
import { updateMapRun } from './update-map-run';
import { updateStateMachine } from './update-state-machine';
import { validateStateMachineDefinition } from './validate-state-machine-definition';

export type { ServiceContext } from '../operation';

/** The supported operations, by the name after `AWSStepFunctions.` in the target header. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachine: createStateMachine,
  DeleteStateMachine: deleteStateMachine,
  DescribeExecution: describeExecution,
  DescribeMapRun: describeMapRun,
  DescribeStateMachine: describeStateMachine,
  DescribeStateMachineAlias: describeStateMachineAlias,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  GetExecutionHistory: getExecutionHistory,
  ListExecutions: listExecutions,
  ListMapRuns: listMapRuns,
  ListStateMachineAliases: listStateMachineAliases,
  ListStateMachineVersions: listStateMachineVersions,
  ListStateMachines: listStateMachines,
  ListTagsForResource: listTagsForResource,
  RedriveExecution: redriveExecution,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
  SendTaskSuccess: sendTaskSuccess,
  StartExecution: startExecution,
  StopExecution: stopExecution,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateMapRun: updateMapRun,
  UpdateStateMachine: updateStateMachine,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};

/** Runs an operation. Throws {@link ServiceError}. */
export function runOperation(name: string, body: Json, context: ServiceContext): object {
  const operation = ownValue(OPERATIONS, name);
  if (!operation) {
    throw new ServiceError(
      'UnknownOperationException',
      `${name} is not supported by this engine (supported: ${Object.keys(OPERATIONS).join(', ')})`,
    );
  }
  // For StartExecution the engine takes the token, because states and rules also start executions.
  if (name !== 'StartExecution') context.engine.throttles.takeToken(name);
  return operation.run(Request.read(body, operation.shape), context);
}
