/** State machines as deployments create them, with versions and aliases. Plain data, which the state directory keeps. */

/** A definition and configuration of a state machine. Executions keep the revision that they were started with. */
export interface MachineRevision {
  /** JSON text. */
  readonly definition: string;
  readonly roleArn: string;
  /** Logging, tracing and encryption, as canonical JSON. They have no effect here, but a change is a new revision. */
  readonly configuration: string;
  /** Null for the first revision. */
  readonly revisionId: string | null;
  readonly updateMs: number;
}

export interface MachineState {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly creationMs: number;
  readonly latest: MachineRevision;
  /** Published versions, by number. */
  readonly versions: Readonly<Record<string, MachineVersion>>;
  readonly aliases: Readonly<Record<string, MachineAlias>>;
}

export interface MachineVersion {
  readonly revision: MachineRevision;
  readonly description: string | undefined;
  readonly creationMs: number;
}

export interface MachineAlias {
  /** Number of a published version. */
  readonly version: string;
  readonly description: string | undefined;
  readonly creationMs: number;
  readonly updateMs: number;
}
