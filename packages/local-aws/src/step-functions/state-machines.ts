import { isDeepStrictEqual } from 'node:util';

import { unqualifiedMachineArn } from '../machine-arns';
import type { AccessControl } from './access-control';
import type { Arns } from './arns';
import type { Clock } from './clock';
import { readDefinition } from './definition';
import type { MachineAlias, MachineState } from './deployed-machine';
import { aliasesOf, revisionOf, versionsOf } from './machine-states';
import { requireArn, requireName } from './names';
import type { PublishedVersion, Revision } from './revision';
import { ServiceError } from './service/service-error';
import { Tags } from './tags';

/** A machine, and the revision that an ARN refers to: the latest, or that of a version or alias. */
export interface Resolved {
  readonly machine: StateMachine;
  readonly revision: Revision;
  /** Undefined for an unqualified ARN. */
  readonly versionArn: string | undefined;
  /** Undefined unless the ARN is that of an alias. */
  readonly aliasArn: string | undefined;
}

export interface StateMachine {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly creationMs: number;
  readonly tags: Tags;
  status: 'ACTIVE' | 'DELETING';
  revision: Revision;
  /** By number. */
  versions: ReadonlyMap<string, PublishedVersion>;
  aliases: ReadonlyMap<string, MachineAlias>;
}

/** The state machines of one account and Region. */
export class StateMachines {
  private readonly byArn = new Map<string, StateMachine>();
  /** The machines of the last deployment, by ARN. */
  private deployed: ReadonlyMap<string, MachineState> = new Map();

  constructor(
    private readonly arns: Arns,
    private readonly clock: Clock,
    private readonly newUuid: () => string,
    private readonly accessControl?: AccessControl,
  ) {}

  /**
   * Creates a state machine. Idempotent by name and definition text: an existing machine keeps its role and tags.
   * Throws InvalidDefinitionError, InvalidName, InvalidArn, AccessDeniedException, StateMachineAlreadyExists,
   * StateMachineDeleting.
   */
  create(name: string, definition: string | object, roleArn: string, tags = new Tags()): StateMachine {
    requireName(name);
    const text = textOf(definition);
    const stateMachineArn = this.arns.stateMachine(name);
    const known = this.byArn.get(stateMachineArn);
    if (known) requireActive(known);
    if (known?.revision.definition === text) return known;
    if (known) {
      throw new ServiceError(
        'StateMachineAlreadyExists',
        `State Machine Already Exists: '${stateMachineArn}'`,
      );
    }
    const read = readDefinition(name, text);
    this.assumeRole({ name, stateMachineArn }, roleArn);
    const creationMs = this.clock.nowMs();
    const revision = { ...read, definition: text, roleArn, updateMs: creationMs, revisionId: undefined };
    const machine: StateMachine = {
      ...{ stateMachineArn, name, creationMs, tags, status: 'ACTIVE', revision },
      ...{ versions: new Map(), aliases: new Map() },
    };
    this.byArn.set(stateMachineArn, machine);
    return machine;
  }

  /** Lists why a deployment cannot create its new machines. */
  deploymentProblems(states: readonly MachineState[]): string[] {
    return states.flatMap(({ arn, logicalId }) => {
      const machine = this.byArn.get(arn);
      const isNew = machine !== undefined && !this.deployed.has(arn);
      if (machine?.status === 'DELETING')
        return [`${logicalId}: ${arn} is being deleted; wait until its executions have ended`];
      return isNew ? [`${logicalId}: ${arn} already exists; delete it, or choose another name`] : [];
    });
  }

  /**
   * Creates and updates the machines of a deployment. Running executions keep their revision.
   * @returns the ARNs of machines that the deployment has removed
   * @throws InvalidDefinitionError
   */
  deploy(states: readonly MachineState[]): string[] {
    for (const state of states) this.put(state, this.deployed.get(state.arn));
    const removed = [...this.deployed.keys()].filter((arn) => !states.some((state) => state.arn === arn));
    this.deployed = new Map(states.map((state) => [state.arn, state]));
    return removed;
  }

  private put(state: MachineState, before: MachineState | undefined): void {
    const { name, arn: stateMachineArn, creationMs, latest } = state;
    const known = this.byArn.get(stateMachineArn);
    const versions = versionsOf(state, known?.versions ?? new Map<string, PublishedVersion>());
    const aliases = aliasesOf(state);
    // A deployment without a change of the machine keeps what UpdateStateMachine has set.
    const isChanged = !isDeepStrictEqual(before?.latest, latest);
    if (known !== undefined) {
      const revision = isChanged ? revisionOf(name, latest) : known.revision;
      Object.assign(known, { revision, versions, aliases });
      return;
    }
    const revision = revisionOf(name, latest);
    this.byArn.set(stateMachineArn, {
      ...{ stateMachineArn, name, creationMs, tags: new Tags(), status: 'ACTIVE', revision },
      ...{ versions, aliases },
    });
  }

  /**
   * Updates the definition or role. Running executions keep their revision. Throws InvalidDefinitionError, InvalidArn,
   * AccessDeniedException, MissingRequiredParameter, StateMachineDoesNotExist, StateMachineDeleting.
   */
  update(arn: string, definition: string | undefined, roleArn: string | undefined): Revision {
    requireUnqualified(arn);
    const machine = this.get(arn);
    requireActive(machine);
    if (definition === undefined && roleArn === undefined) {
      throw new ServiceError(
        'MissingRequiredParameter',
        'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
      );
    }
    const { revision } = machine;
    const text = definition ?? revision.definition;
    const read = definition === undefined ? revision : readDefinition(machine.name, text);
    const { body, variableReferences } = read;
    if (roleArn !== undefined) this.assumeRole(machine, roleArn);
    const role = roleArn ?? revision.roleArn;
    const unchanged = text === revision.definition && role === revision.roleArn;
    const revisionId = unchanged && revision.revisionId !== undefined ? revision.revisionId : this.newUuid();
    const updateMs = this.clock.nowMs();
    machine.revision = { definition: text, body, variableReferences, roleArn: role, updateMs, revisionId };
    return machine.revision;
  }

  private assumeRole(
    machine: { readonly name: string; readonly stateMachineArn: string },
    roleArn: string,
  ): void {
    requireRole(roleArn);
    const refusal = this.accessControl?.assumeRole(machine, roleArn);
    if (refusal) throw new ServiceError(refusal.name, refusal.message);
  }

  /** Marks the machine as DELETING until `remove` is called. Returns undefined if it does not exist. */
  startDeleting(arn: string): StateMachine | undefined {
    requireUnqualified(arn);
    const machine = this.byArn.get(requireArn(arn));
    if (machine) machine.status = 'DELETING';
    return machine;
  }

  remove(arn: string): void {
    this.byArn.delete(arn);
  }

  /** Returns undefined if the machine does not exist. */
  find(arn: string): StateMachine | undefined {
    return this.byArn.get(arn);
  }

  /** Throws InvalidArn, StateMachineDoesNotExist. */
  get(arn: string): StateMachine {
    const found = this.byArn.get(requireArn(arn));
    if (found) return found;
    throw doesNotExist(arn);
  }

  /** Throws InvalidArn, StateMachineDoesNotExist, also for a version or an alias that does not exist. */
  resolve(arn: string): Resolved {
    const machineArn = unqualifiedMachineArn(requireArn(arn));
    const machine = this.byArn.get(machineArn);
    if (machine === undefined || machineArn === arn)
      return { ...unqualified(this.get(arn)), versionArn: undefined, aliasArn: undefined };
    const qualifier = arn.slice(machineArn.length + 1);
    const alias = machine.aliases.get(qualifier);
    const number = alias?.version ?? qualifier;
    const version = machine.versions.get(number);
    if (version === undefined) throw doesNotExist(arn);
    return {
      machine,
      revision: version.revision,
      versionArn: `${machineArn}:${number}`,
      aliasArn: alias === undefined ? undefined : arn,
    };
  }

  /** Throws InvalidArn, StateMachineDoesNotExist, StateMachineDeleting. */
  resolveActive(arn: string): Resolved {
    const resolved = this.resolve(arn);
    requireActive(resolved.machine);
    return resolved;
  }

  all(): StateMachine[] {
    return [...this.byArn.values()];
  }
}

const unqualified = (machine: StateMachine): Pick<Resolved, 'machine' | 'revision'> => ({
  machine,
  revision: machine.revision,
});

const doesNotExist = (arn: string): ServiceError =>
  new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

const textOf = (definition: string | object): string =>
  typeof definition === 'string' ? definition : JSON.stringify(definition);

function requireActive({ status, stateMachineArn }: StateMachine): void {
  if (status === 'ACTIVE') return;
  throw new ServiceError('StateMachineDeleting', `State Machine is Deleting: '${stateMachineArn}'`);
}

function requireRole(roleArn: string): void {
  if (/^arn:[a-z-]+:iam::\d*:role\/.+$/.test(roleArn)) return;
  throw new ServiceError('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
}

/** Refuses the qualified ARN of a Distributed Map, which cannot be updated or deleted on its own. */
function requireUnqualified(arn: string): void {
  if (!/:stateMachine:[^/]*\//.test(arn)) return;
  throw new ServiceError(
    'ValidationException',
    `'${arn}' refers to a Distributed Map state. Specify the ARN of the state machine`,
  );
}
