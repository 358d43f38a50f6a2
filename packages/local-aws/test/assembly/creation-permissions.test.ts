/** Permissions that a service requires of an execution role when it creates the function or state machine. */
import { problemsOf, RESOURCES, withResources } from './template';

type Role = 'WorkerRole' | 'MachineRole';

/** The role with only these actions; with a Deny of these actions if the effect is Deny. */
const roleWith = (id: Role, actions: readonly string[], effect = 'Allow') => {
  const statement = (Effect: string, Action: readonly string[]) => ({ Effect, Action, Resource: '*' });
  const allow = effect === 'Allow' ? [] : [statement('Allow', ['logs:*', 'xray:*'])];
  const PolicyDocument = { Version: '2012-10-17', Statement: [...allow, statement(effect, actions)] };
  const { Type, Properties } = RESOURCES[id];
  return {
    [id]: { Type, Properties: { ...Properties, Policies: [{ PolicyName: 'Own', PolicyDocument }] } },
  };
};

const logging = (Level: string) => ({
  Machine: {
    ...RESOURCES.Machine,
    Properties: {
      ...RESOURCES.Machine.Properties,
      LoggingConfiguration: {
        Level,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': ['Logs', 'Arn'] } } }],
      },
    },
  },
});
const tracing = (Mode: string) => ({
  Worker: {
    ...RESOURCES.Worker,
    Properties: { ...RESOURCES.Worker.Properties, TracingConfig: { Mode } },
  },
});

const DELIVERIES = [
  ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
  ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies'],
  'logs:DescribeLogGroups',
];

test.each(DELIVERIES)('the logs of a state machine need %s', (action) => {
  const others = DELIVERIES.filter((each) => each !== action);
  const problem = `Machine (AWS::StepFunctions::StateMachine): to deliver its logs, MachineRole needs ${action} on *`;
  expect(problemsOf(withResources({ ...logging('ERROR'), ...roleWith('MachineRole', others) }))).toEqual([
    problem,
  ]);
  const denied = roleWith('MachineRole', [action], 'Deny');
  expect(problemsOf(withResources({ ...logging('ALL'), ...denied }))).toEqual([problem]);
});

test('the traces of a function need both X-Ray permissions, and all missing permissions are reported at once', () => {
  const needed = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
  const without = {
    ...roleWith('WorkerRole', ['s3:GetObject']),
    ...roleWith('MachineRole', DELIVERIES.slice(1)),
  };
  expect(problemsOf(withResources({ ...tracing('Active'), ...logging('FATAL'), ...without }))).toEqual([
    `Worker (AWS::Lambda::Function): to send its traces, WorkerRole needs ${needed.join(', ')} on *`,
    `Machine (AWS::StepFunctions::StateMachine): to deliver its logs, MachineRole needs ${DELIVERIES[0]} on *`,
  ]);
  const both = roleWith('WorkerRole', needed);
  expect(problemsOf(withResources({ ...tracing('Active'), ...both }))).toEqual([]);
});

test('a function or state machine without logs and traces needs none', () => {
  const without = {
    ...roleWith('WorkerRole', ['s3:GetObject']),
    ...roleWith('MachineRole', ['s3:GetObject']),
  };
  expect(problemsOf(withResources({ ...tracing('PassThrough'), ...logging('OFF'), ...without }))).toEqual([]);
});
