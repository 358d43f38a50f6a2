/** Reads the resources of a template, each strictly by its type. */
import { isRecord } from '../aws-json';
import type { IamResource } from '../iam';
import { attributeProblems } from './attributes';
import { deliveryProblems, type Declared } from './event-delivery';
import { readFunction, type FunctionResource } from './functions';
import { HARMLESS_PROPERTIES } from './harmless';
import { identityOf, physicalName, requireKnownType, type Scope } from './identifiers';
import type { Resolve } from './intrinsics';
import type { StackFiles, TemplateResource } from './manifest';
import { newMonitoringResources, readMonitoringResource, type MonitoringResources } from './monitoring';
import { readPermission, type Permission } from './permissions';
import { readQueuePolicy, type QueuePolicy } from './queue-policies';
import { read } from './shapes';
import { readStateMachine, type StateMachineResource } from './state-machines';
import { readGlobalTable, readTable, type TableResource } from './tables';

export interface Resources extends MonitoringResources {
  readonly functions: readonly FunctionResource[];
  readonly tables: readonly TableResource[];
  readonly stateMachines: readonly StateMachineResource[];
}

/** The resources read so far, before they are checked against each other. */
interface Found {
  readonly functions: FunctionResource[];
  readonly tables: TableResource[];
  readonly stateMachines: StateMachineResource[];
  readonly permissions: Permission[];
  readonly queuePolicies: QueuePolicy[];
  readonly iam: IamResource[];
  readonly monitoring: ReturnType<typeof newMonitoringResources>;
}

type Report = (problem: string) => void;

/** @param report receives a problem, with its logical id, for everything that cannot be run */
export function readResources(
  stack: StackFiles,
  scope: Scope,
  resolve: Resolve,
  report: Report,
): Resources & { readonly iam: readonly IamResource[] } {
  const found: Found = {
    ...{ functions: [], tables: [], stateMachines: [], permissions: [], queuePolicies: [], iam: [] },
    monitoring: newMonitoringResources(),
  };
  const resources = stack.template.Resources ?? {};
  const declared: (Declared & { readonly logicalId: string })[] = [];
  for (const [logicalId, resource] of Object.entries(resources)) {
    const reportHere: Report = (problem) => report(`${logicalId} (${typeOf(resource)}): ${problem}`);
    attributeProblems(logicalId, resources).forEach(reportHere);
    try {
      requireKnownType(typeOf(resource));
      const name = physicalName(logicalId, resource, scope, resolve);
      const { Type: type, Properties = {} } = resource;
      const arn = identityOf(type)?.attributes?.['Arn']?.(name, scope) ?? name;
      const other = declared.find((each) => each.arn === arn && (arn !== name || each.type === type));
      if (other !== undefined)
        reportHere(`its name ${name} is also the name of ${other.logicalId}; choose another name`);
      declared.push({ logicalId, type, name, arn });
      const properties = resolveProperties(Properties, resolve);
      readResource({ logicalId, type, name, arn }, properties, { stack, scope, found });
    } catch (error) {
      reportHere(error instanceof Error ? error.message : String(error));
    }
  }
  const { monitoring, functions, tables, stateMachines, permissions, queuePolicies, iam } = found;
  const { rules } = monitoring;
  deliveryProblems({ declared, rules, permissions, queuePolicies }, scope.account).forEach(report);
  return { functions, tables, stateMachines, ...monitoring, iam };
}

const typeOf = (resource: TemplateResource): string =>
  isRecord(resource) && typeof resource.Type === 'string' ? resource.Type : 'no type';

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

interface Identity {
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  readonly arn: string;
}

/** @throws Error with everything in the properties that is wrong or not supported */
function readResource(
  { type, ...identity }: Identity,
  properties: Readonly<Record<string, unknown>>,
  { stack, scope, found }: { stack: StackFiles; scope: Scope; found: Found },
): void {
  if (readMonitoringResource(type, identity, properties, found.monitoring)) return;
  switch (type) {
    case 'AWS::Lambda::Function':
      return void found.functions.push(readFunction(identity, properties, stack.assets));
    case 'AWS::StepFunctions::StateMachine':
      return void found.stateMachines.push(readStateMachine(identity, properties, stack.assets));
    case 'AWS::DynamoDB::Table':
      return void found.tables.push(readTable(identity, properties));
    case 'AWS::DynamoDB::GlobalTable':
      return void found.tables.push(readGlobalTable(identity, properties, scope.region));
    case 'AWS::Lambda::Permission':
      return void found.permissions.push(readPermission(identity.logicalId, properties));
    case 'AWS::SQS::QueuePolicy':
      return void found.queuePolicies.push(readQueuePolicy(identity.logicalId, properties));
    case 'AWS::IAM::Role':
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy':
      return void found.iam.push({ ...identity, type, properties, arn: iamArn(type, identity, scope) });
    default:
      read(HARMLESS_PROPERTIES[type]!, properties);
  }
}

/** A Ref to a managed policy returns its ARN. */
const iamArn = (type: string, { name, arn }: { name: string; arn: string }, scope: Scope): string =>
  type === 'AWS::IAM::Role' ? arn : (identityOf(type)?.ref(name, scope) ?? arn);
