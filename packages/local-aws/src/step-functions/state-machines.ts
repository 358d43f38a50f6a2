import type { Arns } from './arns';
import type { Clock } from './clock';
import { readDefinition, type Definition } from './definition';
import { requireArn, requireName } from './names';
import { ServiceError } from './service/service-error';
import { Tags } from './tags';

/** A version of a machine's definition and role. Executions keep the revision that they were started with. */
export interface Revision extends Definition {
  /** The JSON text as it was submitted. */
  readonly definition: string;
  readonly roleArn: string;
  readonly updateMs: number;
  /** Undefined for the first revision. */
  readonly revisionId: string | undefined;
}

export interface StateMachine {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly creationMs: number;
  readonly tags: Tags;
  status: 'ACTIVE' | 'DELETING';
  revision: Revision;
}

/** The state machines of one account and Region. */
export class StateMachines {
  private readonly byArn = new Map<string, StateMachine>();

  constructor(
    private readonly arns: Arns,
    private readonly clock: Clock,
    private readonly newUuid: () => string,
  ) {}

  /**
   * Creates a state machine. Idempotent by name and definition text: an existing machine keeps its role and tags.
   * Throws InvalidDefinitionError, InvalidName, InvalidArn, StateMachineAlreadyExists, StateMachineDeleting.
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
    requireRole(roleArn);
    const creationMs = this.clock.nowMs();
    const revision = { ...read, definition: text, roleArn, updateMs: creationMs, revisionId: undefined };
    const machine: StateMachine = { stateMachineArn, name, creationMs, tags, status: 'ACTIVE', revision };
    this.byArn.set(stateMachineArn, machine);
    return machine;
  }

  /**
   * Updates the definition or role. Running executions keep their revision. Throws InvalidDefinitionError, InvalidArn,
   * MissingRequiredParameter, StateMachineDoesNotExist, StateMachineDeleting.
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
    if (roleArn !== undefined) requireRole(roleArn);
    const role = roleArn ?? revision.roleArn;
    const unchanged = text === revision.definition && role === revision.roleArn;
    const revisionId = unchanged && revision.revisionId !== undefined ? revision.revisionId : this.newUuid();
    const updateMs = this.clock.nowMs();
    machine.revision = { definition: text, body, variableReferences, roleArn: role, updateMs, revisionId };
    return machine.revision;
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
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  /** Throws InvalidArn, StateMachineDoesNotExist, StateMachineDeleting. */
  getActive(arn: string): StateMachine {
    const machine = this.get(arn);
    requireActive(machine);
    return machine;
  }

  all(): StateMachine[] {
    return [...this.byArn.values()];
  }
}

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
