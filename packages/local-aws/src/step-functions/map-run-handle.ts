import type { Json, JsonObject } from './json';

export interface MapRunStart {
  readonly label: string | undefined;
  readonly processor: JsonObject;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
  /** JSON inputs of the children and how many items each holds. */
  readonly children: readonly { readonly input: Json; readonly itemCount: number }[];
}

export interface MapRunHandle {
  readonly mapRunArn: string;
  readonly redriveCount: number;
  /** Starts again what did not succeed; `done` is then of this attempt. */
  redrive(): Promise<void>;
  /** All outputs of the children that succeeded, in order; or that too many failed. */
  readonly done: Promise<{ outputs: Json[] } | 'tolerance exceeded'>;
  abort(): void;
}
