import type { Definition } from './definition';

/** A version of a machine's definition and role. Executions keep the revision that they were started with. */
export interface Revision extends Definition {
  /** The JSON text as it was submitted. */
  readonly definition: string;
  readonly roleArn: string;
  readonly updateMs: number;
  /** Undefined for the first revision. */
  readonly revisionId: string | undefined;
}

/** An immutable, numbered revision. */
export interface PublishedVersion {
  readonly revision: Revision;
  readonly description: string | undefined;
  readonly creationMs: number;
}
