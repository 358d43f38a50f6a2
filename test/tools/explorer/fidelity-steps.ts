/** Random calls of the fidelity test, as fast-check draws them. */
import fc from 'fast-check';
import type { Side } from '../../../src/contract/sides';
import type { GuardChange } from '../../../src/core/guard-ports';

const id = fc.integer({ min: 1, max: 6 });
const key = id.map((n) => `{${n}}`);
const chunk = fc.constantFrom('0', '1', '2', 'applier');
const state = fc.constantFrom<GuardChange['state']>('open', 'fenced', 'sealed');
const range = fc.record({ lower: fc.option(key), upper: fc.option(key) });
/** Mostly the next sequence number and the current token; sometimes an earlier or later one. */
const off: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 0, -1, 1);
const forwards: fc.Arbitrary<number> = fc.constantFrom(1, 1, 0, -1);
const ticket = fc.record({ chunk, token: off, seq: off });
const groups = fc
  .uniqueArray(id, { minLength: 1, maxLength: 2 })
  .map((ids) =>
    ids.sort().map((n) => ({ rows: 1, bytes: 8, last: `{${n}}`, columns: [`{${n}}`, `{${n * 10}}`] })),
  );
const changes = fc
  .uniqueArray(id, { minLength: 1, maxLength: 3 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((n) =>
        fc.boolean().map((gone) => ({ key: `{${n}}`, row: gone ? null : [`${n}`, `${n + 50}`] })),
      ),
    ),
  );

/** Whose call it is, relative to the guard that it meets. */
export interface By {
  readonly owner: 'own' | 'another';
  readonly generation: number;
  readonly epoch: number;
}
export const OWN: By = { owner: 'own', generation: 0, epoch: 0 };
const NEWER: By = { ...OWN, epoch: 1 };
const WRONG: readonly By[] = [
  { ...OWN, owner: 'another' },
  { ...OWN, owner: 'another', epoch: 1 },
  { ...OWN, generation: -1 },
  { ...OWN, generation: 1 },
  { ...OWN, epoch: -1 },
];
const wrong = fc.constantFrom(...WRONG);
const mostlyOwn: fc.Arbitrary<By> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(OWN) },
  { weight: 1, arbitrary: wrong },
);
const CONTROLLING = [
  'register',
  'planPartition',
  'planLeases',
  'closeLeases',
  'revoke',
  'startCapture',
  'stopCapture',
  'uninstall',
] as const;

export type Controlling = (typeof CONTROLLING)[number];
/** Calls of one side only. */
export const ONLY_AT: Partial<Record<Controlling, Side>> = {
  planPartition: 'target',
  planLeases: 'target',
  closeLeases: 'target',
  startCapture: 'source',
  stopCapture: 'source',
};

export const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('refused' as const),
      call: fc.constantFrom(...CONTROLLING),
      side: fc.constantFrom<Side>('source', 'target'),
      by: wrong,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('installLease' as const),
      chunk,
      token: forwards,
      attempt: fc.nat(1),
      by: mostlyOwn,
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('readLease' as const), chunk }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('closeLease' as const), chunk, token: off }) },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('writePage' as const), ticket, groups, onlyAbsent: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clearRange' as const), ticket, range }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('skip' as const), ticket, key, leave: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('apply' as const), ticket, changes, each: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('place' as const),
      keys: fc.array(key, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('app' as const),
      id,
      v: fc.option(fc.integer({ min: 1, max: 99 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('readPage' as const), range, after: fc.option(key) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('readDirty' as const), forget: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('enqueue' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('guard' as const),
      epoch: fc.integer({ min: 1, max: 12 }),
      state,
      by: mostlyOwn,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constantFrom('digest', 'lastKey', 'readGuard', 'touches', 'skipped', 'closeLeases', 'revoke'),
      by: fc.constantFrom(OWN, NEWER),
    }),
  },
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
