/**
 * Plans the versions and aliases of state machines that a deployment creates, as CloudFormation's handlers do:
 * https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions
 */
import { isDeepStrictEqual } from 'node:util';

import { textOf, type Shape } from '../aws-json';
import { canonicalJson } from './canonical-json';
import { identityOfResource, orNone, type PlanContext, type ResourceIdentity } from './plan-context';
import { closed, matching, read, refused, single, whole } from './shapes';
import type { MachineRevision, MachineState, MachineVersion } from '../step-functions';
import { readStateMachine, type StateMachineResource } from './state-machines';

const VERSION_ARN = matching(/^arn:[^:]+:states:[^:]*:\d*:stateMachine:[^:]+:\d+$/, 'the ARN of a version');
const MACHINE_ARN = matching(/^arn:[^:]+:states:[^:]*:\d*:stateMachine:[^:]+$/, 'the ARN of a state machine');

const VERSION = closed(
  { StateMachineArn: MACHINE_ARN },
  { Description: textOf(0, 256), StateMachineRevisionId: textOf(1, 256) },
);

const ONE_VERSION = 'an alias has one version here';
const GRADUAL =
  'executions are not shifted gradually; use RoutingConfiguration with one version of Weight 100';
const ALIAS = closed(
  {
    RoutingConfiguration: single(
      closed({ StateMachineVersionArn: VERSION_ARN, Weight: whole(100, 100) }, {}),
      ONE_VERSION,
    ),
  },
  {
    Name: matching(
      /^(?=.*[a-zA-Z_.-])[a-zA-Z0-9_.-]{1,80}$/,
      'up to 80 letters, digits, -, _ and ., and not only digits',
    ),
    ...{ Description: textOf(0, 256), StateMachineArn: MACHINE_ARN },
    DeploymentPreference: refused(GRADUAL),
  },
);

/** How AWS names the first revision, which has no id. */
const INITIAL = 'INITIAL';
const idOf = ({ revisionId }: MachineRevision): string => revisionId ?? INITIAL;

export interface PlannedMachine {
  readonly resource: StateMachineResource;
  readonly revision: MachineRevision;
}

export interface PlannedMachineVersion {
  readonly machineName: string;
  readonly number: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly version: MachineVersion;
}

export interface PlannedMachineAlias {
  readonly machineName: string;
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
}

export class MachinePlan {
  private readonly machines = new Map<string, PlannedMachine>();
  private readonly planned = new Map<string, PlannedMachineVersion>();

  constructor(private readonly context: PlanContext) {}

  /** @throws Error with everything in the properties, or in the definition, that is wrong or not supported */
  machine(logicalId: string): PlannedMachine {
    const known = this.machines.get(logicalId);
    if (known !== undefined) return known;
    const { scope, stack, propertiesOf } = this.context;
    const identity = identityOfResource(this.context, logicalId, scope);
    const properties = propertiesOf(logicalId);
    const resource = readStateMachine(identity, properties, stack.assets);
    const planned = { resource, revision: this.revise(resource, configurationOf(properties)) };
    this.machines.set(logicalId, planned);
    return planned;
  }

  /** Return value of the attribute StateMachineRevisionId. */
  revisionIdOf(logicalId: string): string {
    return idOf(this.requireMachine(logicalId).revision);
  }

  /** The version that a resource is after the deployment. @throws Error if Step Functions would not publish it */
  version(logicalId: string): PlannedMachineVersion {
    const known = this.planned.get(logicalId);
    if (known !== undefined) return known;
    const properties = read(VERSION, this.context.propertiesOf(logicalId));
    const machine = this.machineWith(properties.StateMachineArn);
    const planned = this.unchanged(logicalId, machine.name, properties) ?? this.publish(machine, properties);
    this.planned.set(logicalId, planned);
    return planned;
  }

  /** Returns `<state machine>:<alias>`. */
  aliasName(logicalId: string): string {
    const { machineName, name } = this.readAlias(logicalId);
    return `${machineName}:${name}`;
  }

  /** @throws Error if the version of the alias does not exist */
  alias(logicalId: string): PlannedMachineAlias {
    const alias = this.readAlias(logicalId);
    if (this.exists(alias.machineName, alias.version)) return alias;
    throw new Error(
      `StateMachineVersionArn names version ${alias.version} of ${alias.machineName}, which does not exist; refer to an AWS::StepFunctions::StateMachineVersion`,
    );
  }

  declared(): PlannedMachineVersion[] {
    return [...this.planned.values()];
  }

  private readAlias(logicalId: string): PlannedMachineAlias {
    const given = read(ALIAS, this.context.propertiesOf(logicalId));
    const { StateMachineVersionArn: versionArn = '' } = given.RoutingConfiguration[0] ?? {};
    const [, machineArn = '', version = ''] = /^(.*):(\d+)$/.exec(versionArn) ?? [];
    const { name: machineName } = this.machineWith(machineArn);
    if (given.StateMachineArn !== undefined && given.StateMachineArn !== machineArn)
      throw new Error(`StateMachineArn ${given.StateMachineArn} is not the state machine of ${versionArn}`);
    const name = given.Name ?? `${this.context.scope.stackName}-${logicalId}`.slice(-80);
    return { machineName, name, version, description: given.Description };
  }

  private exists(machineName: string, number: string): boolean {
    if (this.context.deployed.stateMachines[machineName]?.versions[number] !== undefined) return true;
    return this.context
      .idsOf('AWS::StepFunctions::StateMachineVersion')
      .flatMap((logicalId) => orNone(() => this.version(logicalId)))
      .some((each) => each.machineName === machineName && each.number === number);
  }

  private machineWith(arn: string): ResourceIdentity {
    const { scope } = this.context;
    const found = this.context
      .idsOf('AWS::StepFunctions::StateMachine')
      .map((logicalId) => identityOfResource(this.context, logicalId, scope))
      .find((machine) => machine.arn === arn);
    if (found !== undefined) return found;
    throw new Error(`${arn} is not a state machine of the template; refer to one, unqualified`);
  }

  private deployedMachine(name: string, logicalId: string): MachineState | undefined {
    const owned = this.context.deployed.resources[logicalId];
    if (owned?.type !== 'AWS::StepFunctions::StateMachine' || owned.name !== name) return undefined;
    return this.context.deployed.stateMachines[name];
  }

  private revise(resource: StateMachineResource, configuration: string): MachineRevision {
    const { definition, roleArn, name, logicalId } = resource;
    const before = this.deployedMachine(name, logicalId)?.latest;
    const wanted = { definition, roleArn, configuration };
    if (before !== undefined && isDeepStrictEqual({ ...before, ...wanted }, before)) return before;
    const revisionId = before === undefined ? null : this.context.newUuid();
    return { ...wanted, revisionId, updateMs: this.context.nowMs() };
  }

  private unchanged(
    logicalId: string,
    machineName: string,
    properties: PlannedMachineVersion['properties'],
  ): PlannedMachineVersion | undefined {
    const { deployed } = this.context;
    const before = deployed.resources[logicalId];
    const isVersion = before?.type === 'AWS::StepFunctions::StateMachineVersion';
    if (!isVersion || !isDeepStrictEqual(before.properties, properties)) return undefined;
    const number = before.name.split(':')[1] ?? '';
    const version = deployed.stateMachines[machineName]?.versions[number];
    return version === undefined ? undefined : { machineName, number, properties, version };
  }

  private publish({ logicalId, name }: ResourceIdentity, properties: VersionGiven): PlannedMachineVersion {
    const { deployed, nowMs } = this.context;
    const { revision } = this.requireMachine(logicalId);
    const { StateMachineRevisionId: wanted = idOf(revision), Description: description } = properties;
    if (wanted !== idOf(revision))
      throw new Error(
        `Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${idOf(revision)}. Refer to the attribute StateMachineRevisionId`,
      );
    const last = deployed.lastVersions.stateMachines[name] ?? 0;
    const existing = Object.entries(deployed.stateMachines[name]?.versions ?? {});
    const [newest, newestVersion] = existing.sort(([one], [other]) => Number(other) - Number(one))[0] ?? [];
    const twin = this.declared().find((each) => each.machineName === name && Number(each.number) > last);
    const isPublished = newestVersion !== undefined && idOf(newestVersion.revision) === idOf(revision);
    if (twin !== undefined || isPublished)
      throw new Error(
        `the current revision of ${name} is already published as version ${twin?.number ?? newest}. Change the state machine to publish another version`,
      );
    const version = { revision, description, creationMs: nowMs() };
    return { machineName: name, number: String(last + 1), properties, version };
  }

  private requireMachine(logicalId: string): PlannedMachine {
    try {
      return this.machine(logicalId);
    } catch {
      throw new Error(`its state machine ${logicalId} cannot be run; see its problems`);
    }
  }
}

type VersionGiven = typeof VERSION extends Shape<infer T> ? T : never;

function configurationOf(properties: Readonly<Record<string, unknown>>): string {
  const { LoggingConfiguration, TracingConfiguration, EncryptionConfiguration } = properties;
  return canonicalJson({ LoggingConfiguration, TracingConfiguration, EncryptionConfiguration });
}
