import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { MachineName, MachineRow, ShapeTable, Step } from '../../src/contract/lifecycle';

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
