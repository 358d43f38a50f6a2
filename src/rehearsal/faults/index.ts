/** Faults that a rehearsal injects, decided by its seed. */
export {
  FAULTS,
  isFault,
  stopsMigration as isStopping,
  STOPPING_FAULTS as STOPPING,
  SURVIVABLE_FAULTS as SURVIVED,
  type Fault,
  type InjectedFault,
} from './catalog';
export type { InjectionSide as DisturbedSide, InjectionSides as DisturbedSides } from './databases';
export { seededFraction as draw } from './seeded-fraction';
export { inject, type Injection, type InjectionOptions } from './inject';
export { replayCommand } from './replay';
