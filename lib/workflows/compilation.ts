import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine, State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { MachineName, MachineRow, ShapeTable, Step, StepId } from '../../src/contract/lifecycle';
import type { Failure } from './failure';

/** A machine with one list of steps, or with one for each shape of a migration. */
export type MachineTable = MachineRow &
  ({ readonly steps: readonly Step[] } | { readonly shapes: ShapeTable });

/** A deployed function, as far as a state machine invokes it. */
export interface Invoked {
  readonly handler: IFunction;
  /** How long an invocation may take before Lambda ends it. */
  readonly timeout: Duration;
}

/** What the states of a machine refer to. */
export interface Parts {
  readonly environmentName: string;
  readonly functions: { readonly get: (name: string) => Invoked };
  /** A machine that `start` steps start. @throws Error for one that this machine may not start */
  readonly machine: (name: MachineName) => IStateMachine;
}

/** What steps are compiled with. */
export interface Compilation {
  /** Holds the states; their names are its children's ids. */
  readonly scope: Construct;
  readonly parts: Parts;
  readonly nameOf: (step: Step) => string;
  /** Where errors lead that no row handles. Null: they fail the execution at once. */
  readonly failure: Failure | null;
  /** How the map runs its items whose steps these are. Null: they are not a map's. */
  readonly itemsOf: 'distributed' | 'inline' | null;
}

/** The states of one step. */
export interface Compiled {
  readonly start: State;
  /** Links it to other steps, once their states exist. @param to without an id: the step that follows when nothing decides */
  readonly link: (to: (id?: StepId) => State) => void;
}

/** A row that cannot be compiled. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';

  constructor({ id, kind }: Step, problem: string) {
    super(`The ${kind} step ${id} cannot be compiled: ${problem}`);
  }
}
