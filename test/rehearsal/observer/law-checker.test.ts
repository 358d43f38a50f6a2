/** Observations that the law checker reports as breaches, and others that it accepts. */
import type { ObservedDatabase } from '../../../src/rehearsal/observer/databases';
import { LawChecker, type Observation } from '../../../src/rehearsal/observer/law-checker';
import type { ObservedChunk, ObservedLedger, ObservedRecord } from '../../../src/rehearsal/observer/ledger';

const record = (given: Partial<ObservedRecord> = {}): ObservedRecord => ({
  ...{ generation: 1, status: 'running', writes: 'source', epoch: 5 },
  ...given,
});
const chunk = (given: Partial<ObservedChunk> = {}): ObservedChunk => ({
  ...{ scope: 'm/target/1/t/0', generation: 1, state: 'closed', token: 2, comparison: 'unknown' },
  ...{ source: null, target: null },
  ...given,
});
const ledger = (seen: ObservedRecord | null, chunks: ObservedChunk[] = []): ObservedLedger => ({
  ...{ record: seen, chunks, journal: [], text: '' },
});
const database = (state: string, epoch = 3, given: Partial<ObservedDatabase> = {}): ObservedDatabase => ({
  ...{ guard: { state, epoch }, leases: [], unguarded: [] },
  ...given,
});
const lease = (token: number, seq: number, open: boolean) => ({ scope: 'm/target/1/t/0', token, seq, open });

const observation = (
  seen: ObservedRecord,
  target: ObservedDatabase,
  source: ObservedDatabase,
  chunks: ObservedChunk[] = [],
): Observation => ({
  ...{ before: ledger(seen, chunks), target, source, after: ledger(seen, chunks) },
});

/** Returns the laws that the last of some observations breaks. */
function lawsAfter(...observations: readonly Observation[]): number[] {
  const laws = new LawChecker();
  return observations.map((each) => laws.check(each).map(({ law }) => law)).at(-1)!;
}

const copying = observation(record(), database('dark'), database('open'));
const flipped = record({ writes: 'target' });

test('an ordinary migration breaks no law', () => {
  const laws = new LawChecker();
  const equal = { rows: 1, checksum: 'a' };
  const compared = chunk({ comparison: 'equal', source: equal, target: equal });
  const closed = { leases: [lease(2, 7, false)] };
  const observations = [
    observation(record(), database('open', 1), database('open', 1)),
    observation(record(), database('dark', 2, { leases: [lease(1, 4, true)] }), database('open', 1)),
    observation(record(), database('dark', 2, { leases: [lease(2, 0, true)] }), database('open', 1)),
    observation(record({ writes: 'source→target#4' }), database('dark', 2, closed), database('fenced', 4), [
      compared,
    ]),
    observation(record({ writes: 'source' }), database('dark', 2, closed), database('open', 5), [compared]),
    observation(
      record({ writes: 'source→target#6', epoch: 9 }),
      database('dark', 2, closed),
      database('sealed', 7),
      [compared],
    ),
    observation(record({ writes: 'target', epoch: 9 }), database('dark', 2, closed), database('sealed', 7), [
      compared,
    ]),
    observation(
      record({ writes: 'target', epoch: 9, status: 'done' }),
      database('open', 8, closed),
      database('sealed', 7),
      [compared],
    ),
  ];
  expect(observations.flatMap((each) => laws.check(each))).toEqual([]);
});

test('law 1: the target takes writes while the source may take them, too', () => {
  expect(lawsAfter(copying, observation(flipped, database('open'), database('fenced')))).toContain(1);
  expect(
    lawsAfter(
      copying,
      observation(record({ writes: 'source→target#3' }), database('open'), database('sealed')),
    ),
  ).toEqual([1]);
  const unguarded = database('sealed', 3, { unguarded: ['public.t'] });
  expect(lawsAfter(copying, observation(flipped, database('dark'), unguarded))).toEqual([1]);
});

test('law 1: a worker may write while the application may', () => {
  const open = { leases: [lease(1, 1, true)] };
  expect(lawsAfter(copying, observation(flipped, database('open', 3, open), database('sealed')))).toEqual([
    1,
  ]);
  expect(lawsAfter(observation(record(), database('revoked', 3, open), database('open')))).toEqual([1]);
});

test('law 2: tokens, sequence numbers and epochs never decrease', () => {
  const at = (token: number, seq: number) =>
    observation(record(), database('dark', 3, { leases: [lease(token, seq, true)] }), database('open'));
  expect(lawsAfter(at(3, 1), at(2, 9))).toEqual([2]);
  expect(lawsAfter(at(3, 4), at(3, 3))).toEqual([2]);
  expect(lawsAfter(at(3, 4), at(4, 0))).toEqual([]);
  expect(lawsAfter(copying, observation(record(), database('dark', 2), database('open')))).toEqual([2]);
  expect(lawsAfter(observation(record({ epoch: 2 }), database('dark', 3), database('open', 1)))).toEqual([2]);
});

test('law 4: a flip is final, and never without a seal', () => {
  const done = observation(flipped, database('dark'), database('sealed'));
  expect(
    lawsAfter(copying, done, observation(record({ writes: 'source' }), database('dark'), database('sealed'))),
  ).toContain(4);
  expect(lawsAfter(copying, observation(flipped, database('dark'), database('fenced')))).toContain(4);
  const fence = (number: number) =>
    observation(record({ writes: `source→target#${number}` }), database('dark'), database('fenced'));
  expect(lawsAfter(fence(4), fence(3))).toContain(4);
});

test('law 5: chunks that the ledger calls closed or equal are so, and so is a migration that it calls done', () => {
  const target = (open: boolean) => database('dark', 3, { leases: [lease(2, 1, open)] });
  expect(lawsAfter(observation(record(), target(true), database('open'), [chunk()]))).toEqual([5]);
  expect(lawsAfter(observation(record(), target(false), database('open'), [chunk()]))).toEqual([]);
  expect(lawsAfter(observation(record(), database('dark'), database('open'), [chunk()]))).toEqual([5]);
  // The claim is newer than the first reading of the ledger.
  expect(lawsAfter(observation(record(), target(true), database('open'), [chunk({ token: 1 })]))).toEqual([]);
  const unlike = chunk({
    comparison: 'equal',
    source: { rows: 1, checksum: 'a' },
    target: { rows: 1, checksum: 'b' },
  });
  expect(lawsAfter(observation(record(), target(false), database('open'), [unlike]))).toEqual([5]);
  const done = record({ writes: 'target', status: 'done' });
  expect(lawsAfter(copying, observation(done, target(false), database('sealed'), [chunk()]))).toEqual([5]);
});

test('law 4: the journal has no gap', () => {
  const broken: Observation = {
    ...copying,
    after: { ...copying.after, journal: [{ number: 2, previousHash: 'b', hash: 'c' }] },
  };
  expect(lawsAfter(broken)).toEqual([4]);
});
