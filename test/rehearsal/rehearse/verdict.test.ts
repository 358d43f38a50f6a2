import type { Side } from '../../../src/contract/sides';
import { verdictText } from '../../../src/rehearsal/verdict/text';
import { doubtsOf, type Findings, type TableVerdict } from '../../../src/rehearsal/verdict/verdict';

const equal: TableVerdict = {
  table: 'shop.orders',
  sourceRows: 1_000,
  targetRows: 1_000,
  sourceChecksum: '12:34',
  targetChecksum: '12:34',
  missing: 0,
  extra: 0,
  different: 0,
};

const moved: Findings = {
  execution: { status: 'SUCCEEDED', error: null, cause: null },
  ledger: { status: 'done', writes: 'target', reason: null },
  tables: [equal],
  probes: [
    { side: 'source', table: 'public.orders', outcome: 'refused', message: null },
    { side: 'target', table: 'shop.orders', outcome: 'accepted', message: null },
  ],
  live: null,
  unchecked: [],
};

test('a complete migration passes', () => {
  expect(doubtsOf(moved)).toEqual([]);
  expect(doubtsOf({ ...moved, execution: null })).toEqual([]);
});

const probe = (side: Side, outcome: 'accepted' | 'refused' | 'unclear') => ({
  probes: [{ side, table: 't', outcome, message: outcome === 'unclear' ? 'why' : null }],
});

test.each<[string, Partial<Findings>, RegExp]>([
  [
    'a failed execution',
    {
      execution: {
        status: 'FAILED',
        error: 'VerificationFailed',
        cause: '{"errorMessage":"two chunks","trace":[]}',
      },
    },
    /^the execution ended as FAILED with VerificationFailed: two chunks$/,
  ],
  [
    'an aborted execution',
    { execution: { status: 'ABORTED', error: null, cause: null } },
    /^the execution ended as ABORTED$/,
  ],
  ['no ledger', { ledger: null }, /ledger has no record/],
  [
    'a ledger that is not done',
    { ledger: { status: 'held', writes: 'target', reason: 'because' } },
    /^the migration is held, not done: because$/,
  ],
  [
    'writes elsewhere',
    { ledger: { status: 'done', writes: 'source→target#3', reason: null } },
    /^writes are at source→target#3/,
  ],
  ['no table', { tables: [] }, /no table was compared/],
  ['a missing row', { tables: [{ ...equal, missing: 1 }] }, /^shop\.orders: 1 missing$/],
  ['an extra row', { tables: [{ ...equal, extra: 2 }] }, /^shop\.orders: 2 extra$/],
  ['a different row', { tables: [{ ...equal, different: 3 }] }, /^shop\.orders: 3 different$/],
  ['fewer rows', { tables: [{ ...equal, targetRows: 999 }] }, /1000 rows at the source, 999/],
  [
    'other checksums',
    { tables: [{ ...equal, targetChecksum: '12:35' }] },
    /checksums differ: 12:34 at the source, 12:35 at the target$/,
  ],
  [
    'no checksum',
    { tables: [{ ...equal, sourceChecksum: null, targetChecksum: null }] },
    /^shop\.orders: Sluice has no checksums/,
  ],
  ['a source that takes writes', probe('source', 'accepted'), /source table t still accepts/],
  ['a target that refuses writes', probe('target', 'refused'), /target table t refuses/],
  ['a write that fails for another reason', probe('target', 'unclear'), /unexpected reason: why/],
  [
    'a check that failed to run',
    { unchecked: ["the judge's comparison failed: why"] },
    /comparison failed: why/,
  ],
])('%s is a doubt', (_what, findings, doubt) => {
  const doubts = doubtsOf({ ...moved, ...findings });
  expect(doubts).toHaveLength(1);
  expect(doubts[0]).toMatch(doubt);
});

test('shows every table and every doubt', () => {
  const page = verdictText(
    [equal, { ...equal, table: 'shop.lines', missing: 7 }],
    ['shop.lines: 7 missing'],
    [],
  );
  expect(page).toMatch(/shop\.orders +1,000 +1,000 +12:34 +12:34 +0 +0 +0 +equal/);
  expect(page).toMatch(/shop\.lines .* 7 +0 +0 +FAIL/);
  expect(page).toMatch(/FAIL:\n- shop\.lines: 7 missing$/);
  expect(verdictText([equal], [], [])).toMatch(/PASS: /);
});
