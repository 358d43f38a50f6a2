/**
 * The resources that deployments have created so far. A deployment compares its template with them, as CloudFormation does.
 * Plain data, because the state directory keeps it.
 */
import type { IamResource } from '../iam';
import type { MachineState } from '../step-functions';
import type { FunctionResource } from './functions';
import type { TableResource } from './tables';

export interface StackState {
  readonly stackName: string;
  /** Resources of the stack, by logical id. */
  readonly resources: Readonly<Record<string, StackResource>>;
  /** Functions, by name; those that were retained when they left the stack, too. */
  readonly functions: Readonly<Record<string, FunctionState>>;
  /** State machines, by name; retained ones, too. */
  readonly stateMachines: Readonly<Record<string, MachineState>>;
  /** Resources that have left the stack and were retained. */
  readonly retained: Retained;
  /** The last version number that was assigned. Numbers are not used again, even if the function or machine is deleted. */
  readonly lastVersions: {
    readonly functions: Readonly<Record<string, number>>;
    readonly stateMachines: Readonly<Record<string, number>>;
  };
}

export interface StackResource {
  readonly type: string;
  /** Physical name; of a version or an alias, `<name>:<qualifier>`. */
  readonly name: string;
  /** Whether the resource is deleted or kept when it leaves the stack. */
  readonly whenRemoved: 'delete' | 'retain';
  /** The resolved properties of a version, whose change replaces it. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Of a role, a policy or a table, what the engine needs to keep it outside of the stack. */
  readonly definition?: IamResource | TableResource | undefined;
}

export interface Retained {
  /** Every retained resource. */
  readonly resources: readonly { readonly type: string; readonly name: string }[];
  readonly iam: readonly IamResource[];
  readonly tables: readonly TableResource[];
}

export interface FunctionState {
  /** `$LATEST`. */
  readonly latest: FunctionResource;
  /** Published versions, by number. */
  readonly versions: Readonly<Record<string, FunctionVersion>>;
  readonly aliases: Readonly<Record<string, FunctionAlias>>;
}

/** An immutable snapshot of the code and the configuration of a function. */
export interface FunctionVersion {
  /** Its code directory is a copy in the state directory. */
  readonly resource: FunctionResource;
  /** SHA-256 of the code, in hexadecimal. */
  readonly codeHash: string;
  /** The versioned part of the function's properties, as canonical JSON. */
  readonly configuration: string;
  readonly description: string | undefined;
}

export interface FunctionAlias {
  /** Number of a published version, or `$LATEST`. */
  readonly version: string;
  readonly description: string | undefined;
}

/** The state before the first deployment. */
export const emptyStack = (stackName: string): StackState => ({
  stackName,
  resources: {},
  functions: {},
  stateMachines: {},
  retained: { resources: [], iam: [], tables: [] },
  lastVersions: { functions: {}, stateMachines: {} },
});
