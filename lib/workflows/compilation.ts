import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Step, StepId } from '../../src/contract/lifecycle';
import type { Failure } from './failure';
import type { Parts } from './parts';

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
