/**
 * Checks the permissions that a service requires of an execution role when it creates the function or state machine. If one
 * is missing, the service refuses the request and CloudFormation rolls the stack back.
 */
import { isAllowed, type Role } from '../iam';
import type { FunctionResource } from './functions';
import type { StateMachineResource } from './state-machines';

/**
 * "The state machine IAM Role is not authorized to access the Log Destination" (AccessDeniedException):
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
const DELIVER_LOGS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
/**
 * "The provided execution role does not have permissions to call PutTraceSegments on XRAY" (InvalidParameterValueException):
 * https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
const SEND_TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

interface RoleHolders {
  readonly functions: readonly FunctionResource[];
  readonly stateMachines: readonly StateMachineResource[];
}

/** A role that is not in the template is reported by `policiesOf`, not here. */
export function creationProblems(
  { functions, stateMachines }: RoleHolders,
  roles: readonly Role[],
): string[] {
  const problems = (
    { logicalId, roleArn }: RoleHolder,
    type: string,
    purpose: string,
    actions: readonly string[],
  ) => {
    const role = roles.find(({ arn }) => arn === roleArn);
    const missing = role && actions.filter((action) => !isAllowed(role, { action, resource: '*' }));
    return role === undefined || missing?.length === 0
      ? []
      : [`${logicalId} (${type}): to ${purpose}, ${role.logicalId} needs ${missing?.join(', ')} on *`];
  };
  return [
    ...functions
      .filter(({ traces }) => traces)
      .flatMap((each) => problems(each, 'AWS::Lambda::Function', 'send its traces', SEND_TRACES)),
    ...stateMachines
      .filter(({ logs }) => logs)
      .flatMap((each) =>
        problems(each, 'AWS::StepFunctions::StateMachine', 'deliver its logs', DELIVER_LOGS),
      ),
  ];
}

type RoleHolder = Pick<FunctionResource, 'logicalId' | 'roleArn'>;
