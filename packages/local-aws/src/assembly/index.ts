/** Reads a synthesized `cdk.out` into a list of the resources that the local engine must run. */
import { readRoles, type Role } from '../iam';
import { creationProblems } from './creation-permissions';
import { cycleProblems } from './cycles';
import type { Scope } from './identifiers';
import { readStack } from './manifest';
import { nextState } from './next-state';
import { readOutputs } from './outputs';
import { planOf, type DeploymentContext } from './plan';
import { readResources, type Resources } from './resources';
import { sectionProblems } from './sections';
import type { StackState } from './stack-state';

export type { Architecture, FunctionResource } from './functions';
export type { DeploymentContext } from './plan';
export { emptyStack } from './stack-state';
export type { FunctionState, FunctionVersion, StackState } from './stack-state';
export type { StateMachineResource } from './state-machines';
export type { TableResource } from './tables';

export interface AssemblyOptions {
  readonly assemblyDirectory: string;
  /** Needed if the assembly holds several stacks. */
  readonly stackName?: string;
  /** @default the stack's region, or us-east-1 if it is environment-agnostic */
  readonly region?: string;
  /** @default the stack's account, or 111122223333 */
  readonly account?: string;
}

export interface Assembly extends Scope, Resources {
  /** Each with all of its attached policies. */
  readonly roles: readonly Role[];
  /** The stack's outputs by their logical id. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The resources after the deployment, with versions and aliases, and those that earlier deployments have left. */
  readonly stack: StackState;
}

/** Account of AWS's own examples; it is never assigned. */
const EXAMPLE_ACCOUNT = '111122223333';
const DEFAULT_REGION = 'us-east-1';

/**
 * Reads a stack, and plans its deployment. Changes nothing.
 * @param deployment what was deployed before. @default nothing
 * @throws Error that lists everything in the template that the local engine cannot run, or CloudFormation would refuse
 */
export function readAssembly(options: AssemblyOptions, deployment: DeploymentContext = {}): Assembly {
  const stack = readStack(options.assemblyDirectory, options.stackName);
  const region = options.region ?? stack.region ?? DEFAULT_REGION;
  const scope: Scope = {
    stackName: stack.stackName,
    partition: region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws',
    region,
    account: options.account ?? stack.account ?? EXAMPLE_ACCOUNT,
  };
  const { deployed } = deployment;
  if (deployed !== undefined && deployed.stackName !== stack.stackName)
    throw new Error(
      `Stack ${stack.stackName} cannot be deployed over stack ${deployed.stackName}. Start with a new state directory.`,
    );
  const { context, plans, resolve } = planOf(stack, scope, deployment);
  const problems = sectionProblems(stack.template);
  const refuse = (): void => {
    if (problems.length > 0)
      throw new Error(
        `Stack ${stack.stackName} in ${options.assemblyDirectory} cannot be run locally:\n` +
          `${problems.map((problem) => `- ${problem}\n`).join('')}See packages/local-aws/docs/feature-support.md for what is supported.`,
      );
  };
  // References in a cycle cannot be resolved.
  const cycles = cycleProblems(stack.template.Resources ?? {});
  problems.push(...cycles);
  if (cycles.length > 0) refuse();
  const report = (problem: string): void => void problems.push(problem);
  const { iam, declared, ...resources } = readResources(context, plans, report);
  const next = nextState(context, plans, declared, report);
  const roles = readRoles([...iam, ...next.retained.iam], report);
  creationProblems(resources, roles).forEach(report);
  const outputs = readOutputs(stack.template, resolve, report);
  refuse();
  return { ...scope, ...resources, roles, outputs, stack: next };
}
