/**
 * What a service does with a role when it creates the role's holder: without these rights it refuses to, and the stack is
 * rolled back.
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

/** A role that the template does not have is told of when principals are made. */
export function creationProblems(
  { functions, stateMachines }: RoleHolders,
  roles: readonly Role[],
): string[] {
  const problems = (
    { logicalId, roleArn }: RoleHolder,
    type: string,
    doing: string,
    actions: readonly string[],
  ) => {
    const role = roles.find(({ arn }) => arn === roleArn);
    const missing = role && actions.filter((action) => !isAllowed(role, { action, resource: '*' }));
    return role === undefined || missing?.length === 0
      ? []
      : [`${logicalId} (${type}): to ${doing}, ${role.logicalId} needs ${missing?.join(', ')} on *`];
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
