/** Injected faults of a rehearsal, chosen by its seed. */
export { FAULTS, isFault, isStopping, STOPPING, SURVIVED, type Fault, type InjectedFault } from './catalog';
export type { DisturbedSide, DisturbedSides } from './databases';
export { draw } from './draw';
export { inject, type Injection, type InjectionOptions } from './inject';
export { replayCommand } from './replay';
