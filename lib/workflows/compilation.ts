import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Step, StepId } from '../../src/contract/lifecycle';
import type { Failure } from './failure';
import type { Parts } from './parts';

/** Context in which steps are compiled. */
export interface Compilation {
  /** Scope of the states; their names are the ids of its children. */
  readonly scope: Construct;
  readonly parts: Parts;
  readonly nameOf: (step: Step) => string;
  /** Handler of errors that no row handles. Null: such an error fails the execution immediately. */
  readonly failure: Failure | null;
  /** How the enclosing map runs its items. Null: the steps are not inside a map. */
  readonly itemsOf: 'distributed' | 'inline' | null;
}

/** The states of one step. */
export interface Compiled {
  readonly start: State;
  /** Links the step to others, once their states exist. @param to called without an id: the next step in the list */
  readonly link: (to: (id?: StepId) => State) => void;
}
