/** A row names logins by role; the deployed directions determine their databases. */
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { grantDatabases } from '../../lib/grants';
import type { FunctionRow } from '../../src/contract/lifecycle';
import type { Direction } from '../../src/contract/sides';
import { appFor, endpointsIn, statementsOf } from './support';

const ROW: FunctionRow = {
  name: 'toy',
  size: { timeoutSeconds: 60, memoryMegabytes: 512 },
  input: 'run',
  from: ['owner', 'worker'],
  to: ['worker'],
  rehearsesAt: ['from'],
};
const { source, target } = endpointsIn('dev');

/** Resources by action. */
function granted(row: FunctionRow, directions?: readonly Direction[]): Record<string, readonly unknown[]> {
  const stack = new Stack(appFor('dev'), 'Granted');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  grantDatabases(role, row, [endpointsIn('dev')], directions);
  const template = Template.fromStack(stack);
  const [roleId] = Object.keys(template.findResources('AWS::IAM::Role'));
  return Object.fromEntries(
    statementsOf(template, roleId!).flatMap(({ actions, resources }) =>
      actions.map((action) => [action, resources]),
    ),
  );
}

test('forward, rows are read from the source and written to the target; nothing else is granted', () => {
  const forward = {
    'rds-data:ExecuteStatement': [target.clusterArn, source.clusterArn],
    'rds-data:BeginTransaction': [source.clusterArn],
    'rds-data:RollbackTransaction': [source.clusterArn],
    'secretsmanager:GetSecretValue': [target.workerSecretArn, source.ownerSecretArn, source.workerSecretArn],
  };
  expect(granted(ROW, ['forward'])).toEqual(forward);
  expect(granted(ROW)).toEqual(forward);
});

test('in reverse, the same roles use the other databases', () => {
  expect(granted(ROW, ['reverse'])).toMatchObject({
    'rds-data:BeginTransaction': [target.clusterArn],
    'secretsmanager:GetSecretValue': [target.ownerSecretArn, target.workerSecretArn, source.workerSecretArn],
  });
});

test('in both directions, each database is reached in both roles', () => {
  expect(granted(ROW, ['forward', 'reverse'])).toMatchObject({
    'rds-data:BeginTransaction': [target.clusterArn, source.clusterArn],
    'secretsmanager:GetSecretValue': [
      ...[target.ownerSecretArn, target.workerSecretArn],
      ...[source.ownerSecretArn, source.workerSecretArn],
    ],
  });
});

test('a row without logins reaches no database', () => {
  const { name, size, input } = ROW;
  expect(granted({ name, size, input }, ['forward', 'reverse'])).toEqual({});
});
