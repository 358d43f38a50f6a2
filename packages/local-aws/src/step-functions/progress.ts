import type { Json } from './json';
import type { MapRunHandle } from './map-run-handle';
import type { Variables } from './variables';

/**
 * How far one line of control has come: what a redrive goes on from. It is kept beside the work and never read by it
 * except to skip what was done.
 */
export class Progress {
  /** The state to run, or that is running; `undefined` before the first and after the last. */
  at: { readonly name: string; readonly input: Json; entered: boolean } | undefined;
  /** After the last state. */
  done: { readonly output: Json } | undefined;
  /** Of the branches or iterations of the state. */
  branches: Progress[] = [];
  /** Of the state, if it is a Distributed Map that has started. */
  mapRun: MapRunHandle | undefined;

  constructor(readonly variables: Variables) {}

  /** The branch or iteration, as far as it has come. */
  branch(index: number): Progress {
    return (this.branches[index] ??= new Progress(this.variables.within()));
  }

  goTo(name: string, input: Json): void {
    this.at = { name, input, entered: false };
    this.discardWork();
  }

  finish(output: Json): void {
    this.at = undefined;
    this.done = { output };
    this.discardWork();
  }

  /** What the state has done does not count: it is left, or all of it is done again. */
  discardWork(): void {
    this.branches = [];
    this.mapRun = undefined;
    this.variables.discardInner();
  }
}
