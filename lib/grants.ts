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
  const sides = ['source', 'target'] as const;
  const reachable = endpoints.flatMap((endpointOf) =>
    sides.map((side) => ({ side, endpoint: endpointOf[side], logins: access[side] ?? [] })),
  );
  const reached = reachable.filter(({ logins }) => logins.length > 0);
  const clusterArns = reached.map(({ endpoint }) => endpoint.clusterArn);
  const tried = reached.filter(({ side }) => access.triesAt?.includes(side));
  const secretArns = reachable.flatMap(({ endpoint, logins }) =>
    logins.map((login) => secretArn(endpoint, login)),
  );
  if (clusterArns.length === 0) return;
  Grant.addToPrincipal({ grantee, actions: DATA_API_ACTIONS, resourceArns: distinct(clusterArns) });
  if (tried.length > 0)
    Grant.addToPrincipal({
      grantee,
      actions: TRY_ACTIONS,
      resourceArns: distinct(tried.map(({ endpoint }) => endpoint.clusterArn)),
    });
  Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: distinct(secretArns),
  });
}

const secretArn = (endpoint: DatabaseEndpoint, login: Login): string =>
  login === 'owner' ? endpoint.ownerSecretArn : endpoint.workerSecretArn;

const distinct = (arns: readonly string[]): string[] => [...new Set(arns)].sort();
