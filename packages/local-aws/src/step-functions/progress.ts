import type { Json } from './json';
import type { MapRunHandle } from './map-run-handle';
import type { Variables } from './variables';

/**
 * The progress of one thread of control, from which a redrive continues. Running states update it, and read it only to
 * skip work that is done.
 */
export class Progress {
  /** The next or running state; undefined before the first state and after the last. */
  current: { readonly name: string; readonly input: Json; entered: boolean } | undefined;
  /** Set after the last state. */
  done: { readonly output: Json } | undefined;
  /** The progress of each branch or iteration of the current state. */
  branches: Progress[] = [];
  /** The Map Run of the current state, if that is a Distributed Map that has started. */
  mapRun: MapRunHandle | undefined;

  constructor(readonly variables: Variables) {}

  /** Returns the progress of one branch or iteration. */
  branch(index: number): Progress {
    return (this.branches[index] ??= new Progress(this.variables.createInner()));
  }

  goTo(name: string, input: Json): void {
    this.current = { name, input, entered: false };
    this.discardWork();
  }

  finish(output: Json): void {
    this.current = undefined;
    this.done = { output };
    this.discardWork();
  }

  /** Discards the work of the current state, because the state is left or runs again as a whole. */
  discardWork(): void {
    this.branches = [];
    this.mapRun = undefined;
    this.variables.discardInner();
  }
}
