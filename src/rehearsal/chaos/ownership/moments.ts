/** Moments of a migration at which an attack can happen, and where a rehearsal's engine recognizes them. */
import { traitsOf, type Shape } from '../../../contract/lifecycle';
import type { Call } from '../../faults/proxy/call';

export type Moment =
  | 'started'
  | 'prepared'
  | 'fenced'
  | 'copying'
  | 'comparing'
  | 'caught-up'
  | 'cutover'
  | 'flipped'
  | 'opened'
  | 'aborted'
  | 'done';

/** The moments of each shape, in order; a generation that is aborted ends with `aborted` instead. */
export const MOMENTS: Readonly<Record<Shape, readonly Moment[]>> = {
  offline: ['started', 'prepared', 'fenced', 'copying', 'comparing', 'cutover', 'flipped', 'done'],
  cdc: [
    ...(['started', 'prepared', 'copying', 'comparing', 'caught-up', 'cutover'] as const),
    ...(['fenced', 'flipped', 'opened', 'done'] as const),
  ],
};

/** Functions whose first invocation in a generation is a moment. */
const BEFORE: Readonly<Record<Shape, Readonly<Partial<Record<string, Moment>>>>> = {
  offline: {
    ...{ prepare: 'started', fence: 'prepared', plan: 'fenced', copyChunk: 'copying' },
    ...{ verifyChunk: 'comparing', cutover: 'cutover' },
  },
  cdc: {
    ...{ prepare: 'started', startCapture: 'prepared', copyChunk: 'copying', verifyChunk: 'comparing' },
    ...{ catchUp: 'caught-up', cutover: 'cutover', stopCapture: 'opened' },
  },
};

/** Returns the moment before an invocation, or null. @param name of the function, without the environment */
export const momentBefore = (shape: Shape, name: string): Moment | null => BEFORE[shape][name] ?? null;

/** Functions whose calls are moments, too. */
export const CALLERS: readonly string[] = ['cutover', 'cancelCutover'];

interface Statement {
  readonly resourceArn?: string;
  readonly sql?: string;
  readonly parameters?: readonly {
    readonly name?: string;
    readonly value?: { readonly stringValue?: string };
  }[];
}

/**
 * Returns the moment before a call of the cutover, or null: the seal of the source, under its fence; and the opening of the target,
 * after the flip.
 */
export function momentAtCall(
  shape: Shape,
  { service, operation, body }: Call,
  target: string,
): Moment | null {
  if (service !== 'rds-data' || operation !== 'Execute') return null;
  const { resourceArn, sql = '', parameters = [] } = JSON.parse(body.toString()) as Statement;
  if (!sql.includes('sluice.set_guard')) return null;
  const state = parameters.find(({ name }) => name === 'state')?.value?.stringValue;
  if (state === 'open' && resourceArn === target) return 'flipped';
  return state === 'sealed' && traitsOf(shape).fences === 'cutover' ? 'fenced' : null;
}

/** Longest time for which an attack holds the migration up at a moment; then both continue concurrently. */
export function holdMsMaxAt(shape: Shape, moment: Moment): number {
  if (moment === 'fenced' && traitsOf(shape).fences === 'cutover') return 30_000;
  return moment === 'flipped' ? 40_000 : 100_000;
}
