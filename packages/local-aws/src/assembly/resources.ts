/** Reads the resources of a template, each strictly by its type. */
import { isRecord } from '../aws-json';
import type { IamResource } from '../iam';
import { attributeProblems } from './attributes';
import { deliveryProblems, type Declared } from './event-delivery';
import type { FunctionResource } from './functions';
import { HARMLESS_PROPERTIES } from './harmless';
import { identityOf, requireKnownType, type Scope } from './identifiers';
import type { TemplateResource } from './manifest';
import { newMonitoringResources, readMonitoringResource, type MonitoringResources } from './monitoring';
import type { DeclaredResource } from './leaving';
import type { Plans } from './plans';
import { readPermission, type Permission } from './permissions';
import type { PlanContext } from './plan-context';
import { readQueuePolicy, type QueuePolicy } from './queue-policies';
import { read } from './shapes';
import type { StateMachineResource } from './state-machines';
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
  context: PlanContext,
  plans: Plans,
  report: Report,
): Resources & { readonly iam: readonly IamResource[]; readonly declared: readonly DeclaredResource[] } {
  const found: Found = {
    ...{ functions: [], tables: [], stateMachines: [], permissions: [], queuePolicies: [], iam: [] },
    monitoring: newMonitoringResources(),
  };
  const { stack, scope } = context;
  const resources = stack.template.Resources ?? {};
  const named: (Declared & { readonly logicalId: string })[] = [];
  const declared: DeclaredResource[] = [];
  for (const [logicalId, resource] of Object.entries(resources)) {
    const reportHere: Report = (problem) => report(`${logicalId} (${typeOf(resource)}): ${problem}`);
    attributeProblems(logicalId, resources).forEach(reportHere);
    try {
      requireKnownType(typeOf(resource));
      const { Type: type } = resource;
      const name = context.nameOf(logicalId);
      const arn = arnOf(type, name, scope);
      const other = named.find((each) => each.arn === arn && (arn !== name || each.type === type));
      if (other !== undefined)
        reportHere(`its name ${name} is also the name of ${other.logicalId}; choose another name`);
      named.push({ logicalId, type, name, arn });
      const identity = { logicalId, type, name, arn };
      const read = readResource(identity, context.propertiesOf(logicalId), { scope, plans, found });
      declared.push({ logicalId, type, name, ...read });
    } catch (error) {
      reportHere(error instanceof Error ? error.message : String(error));
    }
  }
  const { monitoring, functions, tables, stateMachines, permissions, queuePolicies, iam } = found;
  const { rules } = monitoring;
  deliveryProblems({ declared: named, rules, permissions, queuePolicies }, scope.account).forEach(report);
  return { functions, tables, stateMachines, ...monitoring, iam, declared };
}

/** Versions and aliases have an ARN as their Ref. */
function arnOf(type: string, name: string, scope: Scope): string {
  const identity = identityOf(type);
  const isQualified = type === 'AWS::Lambda::Version' || type === 'AWS::Lambda::Alias';
  return identity?.attributes?.['Arn']?.(name, scope) ?? (isQualified ? identity!.ref(name, scope) : name);
}

const typeOf = (resource: TemplateResource): string =>
  isRecord(resource) && typeof resource.Type === 'string' ? resource.Type : 'no type';

interface Identity {
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  readonly arn: string;
}

/**
 * @returns what a later deployment needs to know of the resource
 * @throws Error with everything in the properties that is wrong or not supported
 */
function readResource(
  { type, ...identity }: Identity,
  properties: Readonly<Record<string, unknown>>,
  { scope, plans, found }: { scope: Scope; plans: Plans; found: Found },
): Pick<DeclaredResource, 'properties' | 'definition'> {
  const { logicalId } = identity;
  if (readMonitoringResource(type, identity, properties, found.monitoring)) return {};
  switch (type) {
    case 'AWS::Lambda::Function':
      found.functions.push(plans.functions.functionOf(logicalId));
      return {};
    case 'AWS::Lambda::Version':
      return { properties: plans.functions.version(logicalId).properties };
    case 'AWS::Lambda::Alias':
      plans.functions.alias(logicalId);
      return {};
    case 'AWS::StepFunctions::StateMachine':
      found.stateMachines.push(plans.machines.machine(logicalId).resource);
      return {};
    case 'AWS::StepFunctions::StateMachineVersion':
      return { properties: plans.machines.version(logicalId).properties };
    case 'AWS::StepFunctions::StateMachineAlias':
      plans.machines.alias(logicalId);
      return {};
    case 'AWS::DynamoDB::Table':
      return { definition: added(found.tables, readTable(identity, properties)) };
    case 'AWS::DynamoDB::GlobalTable':
      return { definition: added(found.tables, readGlobalTable(identity, properties, scope.region)) };
    case 'AWS::Lambda::Permission':
      found.permissions.push(readPermission(logicalId, properties));
      return {};
    case 'AWS::SQS::QueuePolicy':
      found.queuePolicies.push(readQueuePolicy(logicalId, properties));
      return {};
    case 'AWS::IAM::Role':
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy': {
      const arn = iamArn(type, identity, scope);
      return { definition: added(found.iam, { ...identity, type, properties, arn }) };
    }
    default:
      read(HARMLESS_PROPERTIES[type]!, properties);
      return {};
  }
}

function added<T>(all: T[], item: T): T {
  all.push(item);
  return item;
}

/** A Ref to a managed policy returns its ARN. */
const iamArn = (type: string, { name, arn }: { name: string; arn: string }, scope: Scope): string =>
  type === 'AWS::IAM::Role' ? arn : (identityOf(type)?.ref(name, scope) ?? arn);
