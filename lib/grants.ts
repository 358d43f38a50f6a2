import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { FunctionName, FunctionRow, Login, MachineName } from '../src/contract/lifecycle';
import { secretField } from '../src/contract/logins';
import { functionName, stateMachineName } from '../src/contract/names';
import { DIRECTIONS, rolesOf, SIDES, type Direction, type Side } from '../src/contract/sides';
import type { MigrationEndpoints } from './endpoints';

/**
 * Data API actions of every function that uses a database. BatchExecuteStatement is absent: it returns no row counts, so it
 * cannot carry a fencing token. Every statement that writes is a separate transaction.
 */
const DATA_API_ACTIONS = ['rds-data:ExecuteStatement'];

/** Actions that `rehearsesAt` adds. CommitTransaction is absent: these transactions are always rolled back. */
const ROLLED_BACK_ACTIONS = ['rds-data:BeginTransaction', 'rds-data:RollbackTransaction'];

/** ARN pattern of a machine's executions, built from its name: a reference would be circular, as machines refer to functions. */
export function executionsArn(scope: Construct, environmentName: string, machine: MachineName): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachineName(environmentName, machine)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** ARN of a machine, built from its name: a machine cannot refer to itself. */
export const machineArn = (scope: Construct, environmentName: string, machine: MachineName): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: stateMachineName(environmentName, machine),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** ARN pattern of a function's versions. It does not cover the function without a version, which runs unpublished code. */
export const functionVersionsArn = (scope: Construct, environmentName: string, name: string): string =>
  Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${functionName(environmentName, name as FunctionName)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** Suppresses the finding about the wildcard of `functionVersionsArn` in policies below the scope. */
export function acknowledgeVersionsPattern(scope: Construct, environmentName: string, name: string): void {
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${functionVersionsArn(scope, environmentName, name)}]`,
    reason:
      'All versions of a machine share its role, and an execution of an earlier one invokes the function versions of its own deployment.',
  });
}

/** Suppresses the finding about a wildcard in policies below the scope, and records why it is needed. */
export function acknowledgeExecutionsPattern(
  scope: Construct,
  environmentName: string,
  machine: MachineName,
): void {
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${executionsArn(scope, environmentName, machine)}]`,
    reason: 'Executions get their names when they start; the pattern covers those of one state machine only.',
  });
}

/** Logins and transactions that a function uses on one side. */
interface Use {
  readonly logins: readonly Login[];
  readonly rehearses: boolean;
}

/** Combines a row's roles into what it uses on one side, over all deployed directions. */
function useOf(row: FunctionRow, side: Side, directions: readonly Direction[]): Use {
  const roles = (['from', 'to'] as const).filter((role) =>
    directions.some((direction) => rolesOf(direction)[role] === side),
  );
  return {
    logins: distinct(roles.flatMap((role) => row[role] ?? [])),
    rehearses: roles.some((role) => row.rehearsesAt?.includes(role)),
  };
}

/** Grants statements on the clusters that the row reaches, with the logins that it names. */
export function grantDatabases(
  grantee: IGrantable,
  row: FunctionRow,
  endpoints: readonly MigrationEndpoints[],
  directions: readonly Direction[] = DIRECTIONS,
): void {
  const reached = endpoints
    .flatMap((sides) => SIDES.map((side) => ({ endpoint: sides[side], ...useOf(row, side, directions) })))
    .filter(({ logins }) => logins.length > 0);
  if (reached.length === 0) return;
  const clusterArns = (of: typeof reached) => distinct(of.map(({ endpoint }) => endpoint.clusterArn));
  const rehearsed = reached.filter(({ rehearses }) => rehearses);
  Grant.addToPrincipal({ grantee, actions: DATA_API_ACTIONS, resourceArns: clusterArns(reached) });
  if (rehearsed.length > 0)
    Grant.addToPrincipal({ grantee, actions: ROLLED_BACK_ACTIONS, resourceArns: clusterArns(rehearsed) });
  Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: distinct(
      reached.flatMap(({ endpoint, logins }) => logins.map((login) => endpoint[secretField(login)])),
    ),
  });
}

const distinct = <T extends string>(values: readonly T[]): T[] => [...new Set(values)].sort();
