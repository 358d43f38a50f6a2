/** The plan drawn from a seed: operations of the application, and when workers start, die and are late. */
import fc from 'fast-check';
import { ROWS, SCENES, type Op } from './scenes';
import type { Fault } from './steps';

/** One thing that happens, in the order in which the run's list has it, between other steps. */
export type Event =
  | { readonly kind: 'transaction'; readonly ops: readonly Op[]; readonly commit: boolean }
  | { readonly kind: 'copier' | 'applier' | 'abandon' | 'reopen'; readonly which: number };

export interface Plan {
  readonly scene: number;
  readonly events: readonly Event[];
  readonly faults: readonly Fault[];
  readonly together: readonly number[];
  readonly delays: readonly number[];
}

const op: fc.Arbitrary<Op> = fc.record({
  // A few rows are hot.
  row: fc.oneof(fc.integer({ min: 1, max: ROWS }), fc.constantFrom(4, 5)),
  other: fc.integer({ min: 1, max: ROWS }),
  kind: fc.constantFrom(
    'insert',
    'update',
    'update',
    'delete',
    'rekey',
    'swap',
    'swap',
    'hand over',
    'rotate',
    'all',
  ),
  n: fc.integer({ min: 1, max: 999 }),
  large: fc.nat(3).map((draw) => draw === 0),
});

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      ops: fc.array(op, { minLength: 1, maxLength: 3, size: 'max' }),
      commit: fc.integer({ min: 0, max: 9 }).map((draw) => draw > 0),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'copier' as const,
        'copier' as const,
        'applier' as const,
        'applier' as const,
        'abandon' as const,
        'reopen' as const,
      ),
      which: fc.nat(99),
    }),
  },
);

export const plan: fc.Arbitrary<Plan> = fc.record({
  scene: fc.nat(SCENES.length - 1),
  events: fc.array(event, { minLength: 20, maxLength: 45, size: 'max' }),
  delays: fc.array(
    fc.nat(60).map((draw) => draw * 2),
    { minLength: 20, maxLength: 20, size: 'max' },
  ),
  faults: fc.array(
    fc.nat(29).map((draw) => (['lost', 'late', 'twice'] as const)[draw] ?? 'none'),
    {
      minLength: 300,
      maxLength: 600,
      size: 'max',
    },
  ),
  together: fc.array(
    fc.nat(9).map((draw) => (draw === 0 ? 2 : 1)),
    { minLength: 200, maxLength: 400, size: 'max' },
  ),
});
