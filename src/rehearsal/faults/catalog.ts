/** The faults by name. docs/guide/faults.md describes each and the expected result. */

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

/** Done to the source by its owner: the migration must stop, in its named state. So `all` is without them. */
export const STOPPING = ['ddl', 'disabled-trigger'] as const satisfies readonly Fault[];

export const isFault = (name: string): name is Fault => (FAULTS as readonly string[]).includes(name);
export const isStopping = (name: Fault): boolean => (STOPPING as readonly Fault[]).includes(name);

/** Every fault that a migration must survive. */
export const SURVIVED: readonly Fault[] = FAULTS.filter((fault) => !isStopping(fault));

/** Something that went wrong on purpose. */
export interface InjectedFault {
  readonly fault: Fault;
  /** The function that it was done to. */
  readonly function: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** The point at which it was done, e.g. `before dynamodb UpdateItem 3`. */
  readonly point: string;
}
