/** The very `cdk.out` that would be deployed, as a list of what the local engine must run. */
import { readFunction, type Architecture, type FunctionResource } from './functions';
import { readRoles, type IamResource, type Role } from '../iam';
import { HARMLESS, identityOf, physicalName, RUN, type Scope } from './identifiers';
import { resolverOf, type Resolve } from './intrinsics';
import { deliveryProblems } from './deliverable';
import { newObservation, readObserved, type Observation } from './observation';
import { readStack, type StackFiles, type TemplateResource } from './manifest';
import { readStateMachine, type StateMachineResource } from './state-machines';
import { readTable, type TableResource } from './tables';

export type { Architecture, FunctionResource, StateMachineResource, TableResource };

export interface AssemblyOptions {
  readonly assemblyDirectory: string;
  /** Needed if the assembly holds several stacks. */
  readonly stackName?: string;
  /** @default the stack's region, or us-east-1 if it is environment-agnostic */
  readonly region?: string;
  /** @default the stack's account, or 111122223333 */
  readonly account?: string;
}

export interface Assembly extends Scope, Observation {
  readonly functions: readonly FunctionResource[];
  readonly tables: readonly TableResource[];
  readonly stateMachines: readonly StateMachineResource[];
  /** With every policy that is attached to them. */
  readonly roles: readonly Role[];
  /** The stack's outputs by their logical id. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Account in AWS's own examples; belongs to nobody. */
const EXAMPLE_ACCOUNT = '111122223333';
const DEFAULT_REGION = 'us-east-1';
const UNSUPPORTED_SECTIONS = ['Mappings', 'Transform', 'Hooks'];

/** @throws Error that lists everything in the template that the local engine cannot run */
export function readAssembly(options: AssemblyOptions): Assembly {
  const stack = readStack(options.assemblyDirectory, options.stackName);
  const region = options.region ?? stack.region ?? DEFAULT_REGION;
  const scope: Scope = {
    stackName: stack.stackName,
    partition: region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws',
    region,
    account: options.account ?? stack.account ?? EXAMPLE_ACCOUNT,
  };
  const resolve = resolverOf(stack.template, scope);
  const problems: string[] = UNSUPPORTED_SECTIONS.filter((section) => section in stack.template).map(
    (section) => `The template section ${section} is not supported.`,
  );
  const roles = readRoles(iamResourcesOf(stack, scope, resolve, problems), (problem) =>
    problems.push(problem),
  );
  const assembly = { ...scope, ...resourcesOf(stack, scope, resolve, problems), roles, outputs: {} };
  const outputs = outputsOf(stack, resolve, problems);
  if (problems.length > 0) {
    throw new Error(
      `Stack ${stack.stackName} in ${options.assemblyDirectory} cannot be run locally:\n- ${problems.join('\n- ')}`,
    );
  }
  return { ...assembly, outputs };
}

function resourcesOf(stack: StackFiles, scope: Scope, resolve: Resolve, problems: string[]) {
  const functions: FunctionResource[] = [];
  const tables: TableResource[] = [];
  const stateMachines: StateMachineResource[] = [];
  const observed = newObservation();
  for (const [logicalId, resource] of Object.entries(stack.template.Resources ?? {})) {
    try {
      const kind = runnable(resource);
      if (kind === undefined) continue;
      const name = physicalName(logicalId, resource, scope, resolve);
      const arn = RUN[resource.Type]?.attributes?.['Arn']?.(name, scope) ?? name;
      const properties = resolve(resource.Properties ?? {}) as Readonly<Record<string, unknown>>;
      const identity = { logicalId, name, arn };
      if (readObserved(kind, identity, properties, observed)) continue;
      if (kind === 'AWS::Lambda::Function') functions.push(readFunction(identity, properties, stack.assets));
      else if (kind === 'AWS::StepFunctions::StateMachine') {
        stateMachines.push(readStateMachine(identity, properties, stack.assets));
      } else tables.push(readTable(identity, properties));
    } catch (error) {
      problems.push(
        `${logicalId} (${resource.Type}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const deployed = { functions, tables, stateMachines, ...observed };
  problems.push(...deliveryProblems(deployed, stack.template, resolve));
  return deployed;
}

function iamResourcesOf(
  stack: StackFiles,
  scope: Scope,
  resolve: Resolve,
  problems: string[],
): IamResource[] {
  const resources: IamResource[] = [];
  for (const [logicalId, resource] of Object.entries(stack.template.Resources ?? {})) {
    const { Type: type, Condition, Properties = {} } = resource;
    const identity = identityOf(type);
    if (!type.startsWith('AWS::IAM::') || identity === undefined) continue;
    try {
      if (Condition !== undefined)
        throw new Error(`it depends on the condition ${Condition}; conditions are not evaluated`);
      const name = physicalName(logicalId, resource, scope, resolve);
      const arn = identity.attributes?.['Arn']?.(name, scope) ?? identity.ref(name, scope);
      const properties = resolve(Properties) as IamResource['properties'];
      resources.push({ logicalId, type, name, arn, properties });
    } catch (error) {
      problems.push(`${logicalId} (${type}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return resources;
}

/** The type if the engine runs it, undefined if it is harmless. */
function runnable({ Type, Condition }: TemplateResource): string | undefined {
  if (Object.hasOwn(HARMLESS, Type)) return undefined;
  if (!Object.hasOwn(RUN, Type)) throw new Error('the local engine knows no such resource type');
  if (Condition !== undefined)
    throw new Error(`it depends on the condition ${Condition}; conditions are not evaluated`);
  return Type;
}

function outputsOf(stack: StackFiles, resolve: Resolve, problems: string[]): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, { Value }] of Object.entries(stack.template.Outputs ?? {})) {
    try {
      outputs[name] = String(resolve(Value));
    } catch (error) {
      problems.push(`Output ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return outputs;
}
