/** Whatever guards and ledger say: an adoption never lets both sides open, and refuses when it cannot decide. */
import fc from 'fast-check';
import { stagesOf } from '../../../src/contract/lifecycle';
import type { Side } from '../../../src/contract/sides';
import type { Writes } from '../../../src/contract/writes';
import type { MigrationRecord, Status } from '../../../src/core/ledger';
import type { Found } from '../../../src/core/ownership/adoption';
import { planAdoption } from '../../../src/core/ownership/adoption-plan';
import type { FoundGuard } from '../../../src/core/ownership/ports';
import { newRecord } from '../../../src/adapters/dynamodb/new-record';
import { generationStart } from '../../support/generation-start';

const OWNER = 'ours';
const ORIGINAL = 'the original';
const STATES: readonly FoundGuard['state'][] = ['none', 'open', 'fenced', 'sealed', 'dark', 'revoked'];

const ENDS = { source: 'cluster-1/shop', target: 'cluster-2/shop' };
const guardOf = (some: Partial<FoundGuard>): FoundGuard => ({
  owner: 'theirs',
  environment: 'prod',
  ends: ENDS,
  generation: 1,
  epoch: 5,
  state: 'open',
  expired: false,
  tables: ['shop.t'],
  leases: 3,
  captures: 0,
  ...some,
});
const sideOf = (guards: readonly FoundGuard[], login = 'sluice_owner') => ({
  login,
  schemaOwner: 'sluice_owner',
  identity: '1',
  guards,
});
const foundOf = (
  sides: Readonly<Record<Side, readonly FoundGuard[]>>,
  record: Partial<MigrationRecord> | null = null,
): Found => ({
  migration: 'orders',
  environment: 'dev',
  owner: OWNER,
  shape: 'cdc',
  deployed: ENDS,
  changedEnds: [],
  record: record && {
    ...newRecord(OWNER, 'execution-1', generationStart('cdc')),
    migration: 'orders',
    ...record,
  },
  sides: { source: sideOf(sides.source), target: sideOf(sides.target) },
});
const planned = (found: Found) => {
  const decision = planAdoption(found);
  return decision.kind === 'adopt'
    ? `${decision.adopted.status}, ${decision.adopted.writes}`
    : decision.kind === 'nothing'
      ? 'nothing'
      : decision.problems.map(({ check }) => check).join();
};

test.each([
  ['open', 'dark', 'held, source'],
  ['open', 'revoked', 'held, source'],
  ['fenced', 'dark', 'held, source'],
  ['sealed', 'dark', 'held, source'],
  ['sealed', 'open', 'done, target'],
  ['open', 'none', 'held, source'],
  ['none', 'dark', 'held, source'],
  ['open', 'open', 'one-writer'],
  ['fenced', 'open', 'one-writer'],
  ['sealed', 'none', 'one-writer'],
  ['none', 'open', 'one-writer'],
  ['dark', 'sealed', 'one-writer'],
  ['revoked', 'open', 'one-writer'],
  ['none', 'none', 'guards-exist'],
] as const)('a lost ledger, source %s, target %s: %s', (source, target, expected) => {
  const sides = { source: [guardOf({ state: source })], target: [guardOf({ state: target })] };
  expect(planned(foundOf(sides))).toBe(expected);
});

test('before the plan both sides are open, and the source serves', () => {
  const sides = { source: [guardOf({})], target: [guardOf({ leases: 0 })] };
  expect(planned(foundOf(sides))).toBe('held, source');
});

test.each([
  [{ status: 'running', writes: 'source→target#1', stage: 'verify' }, 'sealed', 'dark', 'held, source'],
  [{ status: 'held', writes: 'source→target#1', stage: 'seal' }, 'sealed', 'open', 'done, target'],
  [{ status: 'running', writes: 'target', stage: 'flip' }, 'sealed', 'dark', 'held, target'],
  [{ status: 'done', writes: 'target', stage: 'stop-capture' }, 'sealed', 'open', 'done, target'],
  [{ status: 'running', writes: 'target', stage: 'flip' }, 'open', 'dark', 'record-agrees'],
  [{ status: 'aborting', writes: 'source, aborting' }, 'open', 'revoked', 'held, source'],
  [{ status: 'aborting', writes: 'source, aborting' }, 'sealed', 'open', 'record-agrees'],
  [{ status: 'aborted', writes: 'source' }, 'sealed', 'open', 'record-agrees'],
  [{ status: 'held', writes: 'target', direction: 'reverse' }, 'sealed', 'open', 'record-agrees'],
] as const)(
  'a restored ledger that says %j, source %s, target %s: %s',
  (record, source, target, expected) => {
    const own = (state: FoundGuard['state']) => [guardOf({ owner: OWNER, state, epoch: 9 })];
    expect(planned(foundOf({ source: own(source), target: own(target) }, { epoch: 3, ...record }))).toBe(
      expected,
    );
  },
);

test.each([
  ['running', 'source', 'held, source'],
  ['held', 'source→target#1', 'held, source'],
  ['aborting', 'source, aborting', 'held, source'],
  ['aborted', 'source', 'aborted, source'],
  ['done', 'target', 'done, target'],
  ['running', 'target', 'record-agrees'],
] as const)('a record in a restored table, without guards, %s, writes %s: %s', (status, writes, expected) => {
  const removed = [guardOf({ owner: OWNER, state: 'none', generation: 4, epoch: 90 })];
  const found = foundOf({ source: removed, target: [] }, { status, writes, owner: ORIGINAL });
  expect(planned(found)).toBe(expected);
  const decision = planAdoption(found);
  if (decision.kind === 'adopt')
    expect(decision).toMatchObject({
      ...{ generation: 4, epoch: 1_090, isNewGeneration: false, guards: [] },
      effects: expect.arrayContaining([expect.stringMatching(/^Neither database has a guard/)]) as unknown,
    });
  expect(planned(foundOf({ source: removed, target: [] }, { status, writes }))).toBe('guards-exist');
  const adoption = { epoch: 90, finished: false };
  expect(planned(foundOf({ source: removed, target: [] }, { status, writes, adoption }))).toBe(expected);
});

describe('the deployed definition names other databases than the record', () => {
  const [dark, sealed] = (['dark', 'sealed'] as const).map((state) => [guardOf({ owner: ORIGINAL, state })]);
  const changed = (
    sides: Readonly<Record<Side, readonly FoundGuard[]>>,
    changedEnds: readonly Side[],
    record: Partial<MigrationRecord> = {},
  ): Found => ({ ...foundOf(sides, { owner: ORIGINAL, ...record }), changedEnds });

  test.each([
    ['source→target#1', 'held', 'held, source', 2],
    ['source', 'aborted', 'aborted, source', 1],
    ['target', 'held', 'done, target', 1],
    ['target', 'done', 'done, target', 1],
  ] as const)(
    'a restored record that says %s and %s, without guards: %s, generation %d',
    (writes, status, expected, generation) => {
      const found = changed({ source: [], target: [] }, ['source', 'target'], { writes, status });
      expect(planned(found)).toBe(expected);
      expect(planAdoption(found)).toMatchObject({ generation, isNewGeneration: generation === 2 });
    },
  );

  test('a guard of an unchanged end moves to the new generation, unless the record knows the flip', () => {
    const found = changed({ source: [], target: dark! }, ['source']);
    expect(planAdoption(found)).toMatchObject({ kind: 'adopt', generation: 2, isNewGeneration: true });
    expect(planned(changed({ source: [], target: dark! }, ['source'], { writes: 'target' }))).toBe(
      'same-endpoints',
    );
  });

  test('a guard at a changed end, and a record of this control plane, are refused', () => {
    expect(planned(changed({ source: sealed!, target: dark! }, ['source']))).toBe('same-endpoints');
    const adoption = { epoch: 3, finished: false };
    const own = changed({ source: [], target: [] }, ['source'], { owner: OWNER, adoption });
    expect(planned(own)).toBe('same-endpoints');
  });
});

test('only without a record, or for a copy, is forget the remedy for guards that do not say which side serves', () => {
  const sides = { source: [guardOf({ owner: ORIGINAL, state: 'sealed' })], target: [] };
  const found = foundOf(sides, { owner: ORIGINAL });
  const [text, ofCopy, lost] = [found, { ...found, changedEnds: ['source'] as const }, foundOf(sides)].map(
    (each) => JSON.stringify(planAdoption(each)),
  );
  expect(text).toMatch(/one-writer.*Remove Sluice by hand/);
  for (const remedy of [ofCopy, lost]) expect(remedy).toMatch(/one-writer.*npx sluice forget/);
});

test('guards that accept the epoch of a record in a restored table are adopted all the same', () => {
  const sides = {
    source: [guardOf({ owner: OWNER, epoch: 3 })],
    target: [guardOf({ owner: OWNER, epoch: 3, state: 'dark' })],
  };
  expect(planned(foundOf(sides, { epoch: 3 }))).toBe('nothing');
  expect(planned(foundOf(sides, { epoch: 3, owner: ORIGINAL }))).toBe('held, source');
});

test.each([
  [{ ends: { ...ENDS, source: 'cluster-3/shop' } }, {}],
  [{}, { ends: { ...ENDS, target: 'cluster-3/shop' } }],
  [{}, { ends: {} }],
])('guards that were registered for other databases do not belong together (%#)', (source, target) => {
  const sides = {
    source: [guardOf({ state: 'sealed', ...source })],
    target: [guardOf({ state: 'dark', ...target })],
  };
  expect(planned(foundOf(sides))).toBe('same-pair');
});

test('reports every problem at once', () => {
  const two = [guardOf({ owner: 'first' }), guardOf({ owner: 'second' })];
  const found = foundOf({ source: two, target: two });
  const sides = { source: sideOf(two, 'another_login'), target: sideOf(two) };
  const decision = planAdoption({ ...found, sides });
  expect(
    decision.kind === 'refused' && decision.problems.map(({ check, subject }) => [check, subject]),
  ).toEqual([
    ['owner-login', 'source'],
    ['one-guard', 'source'],
    ['one-guard', 'target'],
  ]);
});

const GUARD = fc.record({
  owner: fc.constantFrom(OWNER, 'theirs'),
  environment: fc.constant('prod'),
  ends: fc.constant(ENDS),
  generation: fc.integer({ min: 1, max: 3 }),
  epoch: fc.integer({ min: 1, max: 50 }),
  state: fc.constantFrom(...STATES),
  expired: fc.boolean(),
  tables: fc.constant(['shop.t']),
  leases: fc.integer({ min: 0, max: 2 }),
  captures: fc.constant(0),
});
const RECORD = fc.option(
  fc.record({
    generation: fc.integer({ min: 1, max: 3 }),
    epoch: fc.integer({ min: 0, max: 50 }),
    status: fc.constantFrom<Status>('running', 'held', 'aborting', 'aborted', 'done'),
    writes: fc.constantFrom<Writes>('source', 'source→target#1', 'target', 'source, aborting'),
    stage: fc.constantFrom(null, ...stagesOf('cdc')),
    owner: fc.constantFrom(OWNER, 'theirs'),
  }),
);

test('no adoption leaves both sides able to open, or an epoch that is not newer than all', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.array(GUARD, { maxLength: 2 }), fc.array(GUARD, { maxLength: 2 })),
      RECORD,
      fc.subarray<Side>(['source', 'target']),
      ([source, target], record, changed) => {
        const changedEnds = record === null ? [] : changed;
        const decision = planAdoption({ ...foundOf({ source, target }, record), changedEnds });
        if (decision.kind !== 'adopt') return;
        const live = (guards: readonly FoundGuard[]) => guards.find(({ state }) => state !== 'none');
        const { writes, status, stage, captureLost } = decision.adopted;
        if (writes === 'target') {
          const isUnguarded = !live(source) && !live(target);
          expect(isUnguarded ? record?.writes : live(source)?.state).toBe(isUnguarded ? 'target' : 'sealed');
        } else {
          const served = live(target)?.state === 'open' && live(target)!.leases > 0;
          expect([served, stage]).toEqual([false, null]);
          expect(captureLost).not.toBeNull();
          const isOver = record?.status === 'aborted' && !live(source) && !live(target);
          expect(status).toBe(isOver ? 'aborted' : 'held');
        }
        for (const { epoch } of [...source, ...target, ...(record ? [record] : [])])
          expect(decision.epoch).toBeGreaterThan(epoch);
        const continued = [live(source), live(target), record].filter((each) => each != null);
        for (const { generation } of continued)
          expect(decision.generation).toBeGreaterThanOrEqual(generation);
      },
    ),
    { numRuns: 3_000 },
  );
});
