/** Plans a deployment: reads the properties of a template, and assigns names and version numbers. */
import { randomUUID } from 'node:crypto';

import { FunctionPlan } from './function-plan';
import { identityOf, physicalName, type Scope } from './identifiers';
import { resolverOf, type Assigned, type Resolve } from './intrinsics';
import { MachinePlan } from './machine-plan';
import type { StackFiles } from './manifest';
import type { Plans } from './plans';
import type { PlanContext } from './plan-context';
import { emptyStack, type StackState } from './stack-state';

/** The stack that a deployment changes. */
export interface DeploymentContext {
  /** @default nothing was deployed before */
  readonly deployed?: StackState;
  /** Holds a copy of the code of each published version. @default no code is copied */
  readonly codeDirectory?: string;
  /** Milliseconds since the epoch. @default the system clock */
  readonly nowMs?: () => number;
  /** Ids of revisions. @default random */
  readonly newUuid?: () => string;
}

export function planOf(
  stack: StackFiles,
  scope: Scope,
  deployment: DeploymentContext,
): { readonly context: PlanContext; readonly plans: Plans; readonly resolve: Resolve } {
  const resources = stack.template.Resources ?? {};
  const resolved = new Map<string, Readonly<Record<string, unknown>>>();
  const assigned: Assigned = {
    nameOf: (logicalId, type) => qualifiedName(plans, logicalId, type),
    attributeOf: (logicalId, type, attribute) =>
      type === 'AWS::StepFunctions::StateMachine' && attribute === 'StateMachineRevisionId'
        ? plans.machines.revisionIdOf(logicalId)
        : undefined,
  };
  const resolve = resolverOf(stack.template, scope, assigned);
  const context: PlanContext = {
    ...{ stack, scope },
    deployed: deployment.deployed ?? emptyStack(stack.stackName),
    codeDirectory: deployment.codeDirectory ?? '',
    nowMs: deployment.nowMs ?? Date.now,
    newUuid: deployment.newUuid ?? randomUUID,
    nameOf: (logicalId) => {
      const resource = resources[logicalId]!;
      return (
        qualifiedName(plans, logicalId, resource.Type) ?? physicalName(logicalId, resource, scope, resolve)
      );
    },
    propertiesOf: (logicalId) => {
      const properties =
        resolved.get(logicalId) ?? resolveProperties(resources[logicalId]?.Properties ?? {}, resolve);
      resolved.set(logicalId, properties);
      return properties;
    },
    idsOf: (type) => Object.keys(resources).filter((id) => resources[id]?.Type === type && identityOf(type)),
  };
  const plans: Plans = { functions: new FunctionPlan(context), machines: new MachinePlan(context) };
  return { context, plans, resolve };
}

/** Returns the name of a version or an alias, `<name>:<qualifier>`. */
function qualifiedName({ functions, machines }: Plans, logicalId: string, type: string): string | undefined {
  switch (type) {
    case 'AWS::Lambda::Version': {
      const { functionName, number } = functions.version(logicalId);
      return `${functionName}:${number}`;
    }
    case 'AWS::Lambda::Alias':
      return functions.aliasName(logicalId);
    case 'AWS::StepFunctions::StateMachineVersion': {
      const { machineName, number } = machines.version(logicalId);
      return `${machineName}:${number}`;
    }
    case 'AWS::StepFunctions::StateMachineAlias':
      return machines.aliasName(logicalId);
    default:
      return undefined;
  }
}

/** @throws Error with every property that cannot be resolved */
function resolveProperties(
  properties: Readonly<Record<string, unknown>>,
  resolve: Resolve,
): Readonly<Record<string, unknown>> {
  const problems: string[] = [];
  const resolved = Object.entries(properties).flatMap(([name, value]): [string, unknown][] => {
    try {
      return [[name, resolve(value)]];
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(problems.join('; '));
  return Object.fromEntries(resolved.filter(([, value]) => value !== undefined));
}
