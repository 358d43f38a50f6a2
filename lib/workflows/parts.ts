import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { MachineName, MachineRow, ShapeTable, Step } from '../../src/contract/lifecycle';

/** A machine with one list of steps, or with one for each shape of a migration. */
export type MachineTable = MachineRow &
  ({ readonly steps: readonly Step[] } | { readonly shapes: ShapeTable });

/** A deployed function that a state machine invokes. */
export interface Invoked {
  /** The version that belongs to this deployment. */
  readonly version: IFunction;
  /** How long an invocation may take before Lambda ends it. */
  readonly timeout: Duration;
}

/** A machine that another one starts. */
export interface Started {
  /** ARN without a version, by which AWS authorizes a start. */
  readonly machineArn: string;
  /** ARN of the version to start, or a path to it. */
  readonly versionArn: string;
}

/** Resources that the states of a machine refer to. */
export interface Parts {
  readonly environmentName: string;
  /** Code version of the deployment. */
  readonly code: string;
  readonly functions: { readonly get: (name: string) => Invoked };
  /** A machine to start. @throws Error if this machine may not start it */
  readonly machine: (name: MachineName) => Started;
}
