/** Faults that a rehearsal injects, decided by its seed. */
export {
  FAULTS,
  isFault,
  stopsMigration,
  STOPPING_FAULTS,
  SURVIVABLE_FAULTS,
  type Fault,
  type InjectedFault,
} from './catalog';
export type { InjectionSide, InjectionSides } from './databases';
export { seededFraction } from './seeded-fraction';
export { inject, type Injection, type InjectionOptions } from './inject';
export { replayCommand } from './replay';
