import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { StateMachineName } from '../src/contract/names';
import { stateMachineName } from '../src/contract/names';
import type { Access, Login } from './access';
import { DATA_API_ACTIONS, TRY_ACTIONS } from './access';
import type { DatabaseEndpoint, MigrationEndpoints } from './endpoints';

/** ARN pattern of the executions of a machine, built from its name: machines refer to the functions that need this. */
export function executionsArn(scope: Construct, environmentName: string, machine: StateMachineName): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachineName(environmentName, machine)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Records why a policy below the scope names a pattern of executions. */
export function acknowledgeExecutionsPattern(
  scope: Construct,
  environmentName: string,
  machine: StateMachineName,
): void {
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${executionsArn(scope, environmentName, machine)}]`,
    reason: 'Executions get their names when they start; the pattern covers those of one state machine only.',
  });
}

/** Permits statements on the clusters that the access names, with the logins that it names. */
export function grantDatabases(
  grantee: IGrantable,
  access: Access,
  endpoints: readonly MigrationEndpoints[],
): void {
  const reachable = endpoints.flatMap(({ source, target }) => [
    { endpoint: source, logins: access.source ?? [] },
    { endpoint: target, logins: access.target ?? [] },
  ]);
  const clusterArns = reachable
    .filter(({ logins }) => logins.length > 0)
    .map(({ endpoint }) => endpoint.clusterArn);
  const secretArns = reachable.flatMap(({ endpoint, logins }) =>
    logins.map((login) => secretArn(endpoint, login)),
  );
  if (clusterArns.length === 0) return;
  const actions = [...DATA_API_ACTIONS, ...(access.triesStatements ? TRY_ACTIONS : [])];
  Grant.addToPrincipal({ grantee, actions, resourceArns: distinct(clusterArns) });
  Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: distinct(secretArns),
  });
}

const secretArn = (endpoint: DatabaseEndpoint, login: Login): string =>
  login === 'owner' ? endpoint.ownerSecretArn : endpoint.workerSecretArn;

const distinct = (arns: readonly string[]): string[] => [...new Set(arns)].sort();
