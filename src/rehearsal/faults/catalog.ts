/** The names of the faults. docs/guide/faults.md describes their effects and what must hold nevertheless. */

export const FAULTS = [
  'kill-lambda',
  'kill-before-call',
  'kill-after-call',
  'lost-response',
  'dropped-connection',
  'twice-at-once',
  'twice-late',
  'throttle',
  'unavailable',
  'slow',
  'hang',
  'dynamodb-500',
  'throttle-lambda',
  'duplicate-invocation',
  'clock-skew',
  'terminate-backends',
  'restart-source',
  'restart-target',
  'disk-full',
  'ddl',
  'disabled-trigger',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Changes of the source by its owner, at which the migration must stop. `all` does not include them. */
export const STOPPING_FAULTS = ['ddl', 'disabled-trigger'] as const satisfies readonly Fault[];

export const isFault = (name: string): name is Fault => (FAULTS as readonly string[]).includes(name);
export const stopsMigration = (name: Fault): boolean => (STOPPING_FAULTS as readonly Fault[]).includes(name);

/** Every fault that a migration must survive. */
export const SURVIVABLE_FAULTS: readonly Fault[] = FAULTS.filter((fault) => !stopsMigration(fault));

/** A fault that was injected. */
export interface InjectedFault {
  readonly fault: Fault;
  /** The function that was affected. */
  readonly function: string;
  /** Time of the injection, ISO 8601. */
  readonly at: string;
  /** The point of the injection, e.g. `at dynamodb UpdateItem 3`. */
  readonly point: string;
}
