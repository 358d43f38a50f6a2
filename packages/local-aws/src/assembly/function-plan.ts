/** Plans the versions and aliases of functions that a deployment creates: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { isRecord, oneOf, text, type Shape } from '../aws-json';
import { LATEST, parseReference } from '../function-names';
import { canonicalJson } from './canonical-json';
import { hashCode } from './code-hash';
import { readFunction, type FunctionResource } from './functions';
import { identityOfResource, orNone, type PlanContext } from './plan-context';
import { closed, matching, read, refused } from './shapes';
import type { FunctionAlias, FunctionVersion } from './stack-state';

const CAPACITY = 'environments are not provisioned; leave it out';

const VERSION = closed(
  { FunctionName: text },
  {
    Description: text,
    CodeSha256: refused('the engine has no zip file to hash; leave it out, as currentVersion does'),
    ...{ ProvisionedConcurrencyConfig: refused(CAPACITY), FunctionScalingConfig: refused(CAPACITY) },
    RuntimePolicy: closed({ UpdateRuntimeOn: oneOf('Auto', 'FunctionUpdate') }, {}),
  },
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html */
const ALIAS_NAME = matching(
  /^(?!\d+$)[a-zA-Z0-9_-]{1,128}$/,
  'up to 128 letters, digits, - and _, and not only digits',
);

const noWeights: Shape<readonly unknown[]> = {
  check(value, place, problems) {
    if (Array.isArray(value) && value.length === 0) return;
    refused('an alias has one version here; leave it out').check(value, place, problems);
  },
};
const ALIAS = closed(
  { FunctionName: text, FunctionVersion: text, Name: ALIAS_NAME },
  {
    ...{ Description: text, ProvisionedConcurrencyConfig: refused(CAPACITY) },
    RoutingConfig: closed({}, { AdditionalVersionWeights: noWeights }),
  },
);

/** Properties that are not part of a version: VERSION_LOCKED in aws-cdk-lib/aws-lambda. Code is compared by its hash. */
const NOT_VERSIONED = ['Code', 'ReservedConcurrentExecutions', 'Tags'];
const DEFAULTS = { Timeout: 3, MemorySize: 128, Architectures: ['x86_64'], PackageType: 'Zip' };

export interface PlannedVersion {
  readonly functionName: string;
  readonly number: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly version: FunctionVersion;
}

export interface PlannedAlias {
  readonly functionName: string;
  readonly name: string;
  readonly alias: FunctionAlias;
}

export class FunctionPlan {
  private readonly functions = new Map<string, FunctionResource>();
  private readonly planned = new Map<string, PlannedVersion>();

  constructor(private readonly context: PlanContext) {}

  /** @throws Error with everything in the function's properties that is wrong or not supported */
  functionOf(logicalId: string): FunctionResource {
    const { scope, stack, propertiesOf } = this.context;
    const known = this.functions.get(logicalId);
    if (known !== undefined) return known;
    const identity = identityOfResource(this.context, logicalId, scope);
    const found = readFunction(identity, propertiesOf(logicalId), stack.assets);
    this.functions.set(logicalId, found);
    return found;
  }

  /** The version that a resource is after the deployment. @throws Error if Lambda would not publish it */
  version(logicalId: string): PlannedVersion {
    const known = this.planned.get(logicalId);
    if (known !== undefined) return known;
    const given = read(VERSION, this.context.propertiesOf(logicalId));
    const { functionName, functionId } = this.functionNamed(given.FunctionName);
    const properties = { functionName, ...withoutName(given) };
    const planned =
      this.unchanged(logicalId, functionName, properties) ??
      this.publish(functionName, functionId, properties, given.Description);
    this.planned.set(logicalId, planned);
    return planned;
  }

  /** Returns `<function>:<alias>`. */
  aliasName(logicalId: string): string {
    const given = read(ALIAS, this.context.propertiesOf(logicalId));
    return `${this.functionNamed(given.FunctionName).functionName}:${given.Name}`;
  }

  /** @throws Error if the version of the alias does not exist */
  alias(logicalId: string): PlannedAlias {
    const given = read(ALIAS, this.context.propertiesOf(logicalId));
    const { functionName } = this.functionNamed(given.FunctionName);
    const { FunctionVersion: version, Name: name, Description: description } = given;
    if (version !== LATEST && !this.exists(functionName, version))
      throw new Error(
        `FunctionVersion ${version} of ${functionName} does not exist; refer to the Version of an AWS::Lambda::Version`,
      );
    return { functionName, name, alias: { version, description } };
  }

  /** The versions that the template declares. */
  declared(): PlannedVersion[] {
    return [...this.planned.values()];
  }

  private exists(functionName: string, number: string): boolean {
    if (this.context.deployed.functions[functionName]?.versions[number] !== undefined) return true;
    return this.context
      .idsOf('AWS::Lambda::Version')
      .flatMap((logicalId) => orNone(() => this.version(logicalId)))
      .some((each) => each.functionName === functionName && each.number === number);
  }

  private functionNamed(given: string): { functionName: string; functionId: string } {
    const reference = parseReference(given);
    const functionId = this.context
      .idsOf('AWS::Lambda::Function')
      .find((logicalId) => this.context.nameOf(logicalId) === reference?.name);
    if (reference === undefined || functionId === undefined || reference.qualifier !== undefined)
      throw new Error(`FunctionName ${given} is not a function of the template; refer to one, unqualified`);
    return { functionName: reference.name, functionId };
  }

  private unchanged(
    logicalId: string,
    functionName: string,
    properties: PlannedVersion['properties'],
  ): PlannedVersion | undefined {
    const before = this.context.deployed.resources[logicalId];
    if (before?.type !== 'AWS::Lambda::Version' || !isDeepStrictEqual(before.properties, properties))
      return undefined;
    const number = before.name.split(':')[1] ?? '';
    const version = this.context.deployed.functions[functionName]?.versions[number];
    return version === undefined ? undefined : { functionName, number, properties, version };
  }

  /**
   * Publishes $LATEST. As CloudFormation does, refuses to publish what is already the last published version.
   * The numbers of deleted versions are not used again.
   */
  private publish(
    functionName: string,
    functionId: string,
    properties: PlannedVersion['properties'],
    description: string | undefined,
  ): PlannedVersion {
    const { deployed, codeDirectory } = this.context;
    const resource = this.requireFunction(functionId);
    const codeHash = hashCode(resource.codeDirectory);
    const configuration = this.configurationOf(functionId);
    const copy = { ...resource, codeDirectory: join(codeDirectory, codeHash) };
    const version = { resource: copy, codeHash, configuration, description };
    const last = deployed.lastVersions.functions[functionName] ?? 0;
    const lastVersion = deployed.functions[functionName]?.versions[last];
    const twin = this.declared().find(
      (each) => each.functionName === functionName && Number(each.number) > last,
    );
    const isLast = lastVersion?.codeHash === codeHash && lastVersion.configuration === configuration;
    if (twin !== undefined || isLast)
      throw new Error(
        `A version for this Lambda function exists ( ${twin?.number ?? last} ). Modify the function to create a new version`,
      );
    return { functionName, number: String(last + 1), properties, version };
  }

  private requireFunction(functionId: string): FunctionResource {
    try {
      return this.functionOf(functionId);
    } catch {
      throw new Error(`its function ${functionId} cannot be run; see its problems`);
    }
  }

  private configurationOf(functionId: string): string {
    const properties = Object.entries({ ...DEFAULTS, ...this.context.propertiesOf(functionId) });
    const versioned = properties.filter(([name]) => !NOT_VERSIONED.includes(name));
    return canonicalJson(withTextLiterals(Object.fromEntries(versioned)));
  }
}

function withoutName(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'FunctionName'));
}

/** CloudFormation reads the number 5 and the text "5" as the same value. */
function withTextLiterals(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextLiterals);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withTextLiterals(entry)]));
  return String(value);
}
