import type { Json, JsonObject } from './json';

export interface MapRunStart {
  readonly label: string | undefined;
  readonly processor: JsonObject;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
  /** The input of each child and its number of items. */
  readonly children: readonly { readonly input: Json; readonly itemCount: number }[];
}

export interface MapRunHandle {
  readonly mapRunArn: string;
  readonly redriveCount: number;
  /** Redrives the children that did not succeed. `done` then belongs to this redrive. */
  redrive(): Promise<void>;
  /** The outputs of the successful children in order, or that more failed than tolerated. */
  readonly done: Promise<{ outputs: Json[] } | 'tolerance exceeded'>;
  abort(): void;
}
