import { liveDoubts, liveText, type LiveFindings } from '../../../src/rehearsal/verdict/live';
import { doubtsOf } from '../../../src/rehearsal/verdict/verdict';

const good: LiveFindings = {
  acknowledged: { source: 11_000, target: 500 },
  ...{
    rowsWritten: 52_000,
    rolledBack: 300,
    refused: 24,
    retried: 6,
    conflicts: 0,
    responsesLost: 0,
    disconnected: 0,
  },
  ...{ failures: {}, pauseMs: 1_890, cancelledPauses: 0, longestWaitMs: [900, 2_004], rowsKnown: 16_000 },
  ...{ lost: 0, extra: 0, tables: [], sourceDiffers: 0, leftovers: [] },
};

test('passes if no rows are lost or extra, and nothing is left on the source', () => {
  expect(liveDoubts(good, 'target')).toEqual([]);
});

test.each<[string, Partial<LiveFindings>, RegExp]>([
  [
    'a lost row',
    { tables: [{ table: 'public.orders', lost: 1, extra: 0 }] },
    /^public\.orders: acknowledged rows lost: 1$/,
  ],
  [
    'an extra row',
    { tables: [{ table: 'public.orders', lost: 0, extra: 2 }] },
    /^public\.orders: rows that were never acknowledged: 2$/,
  ],
  ['a source that was changed', { sourceDiffers: 3 }, /^3 rows of the source/],
  [
    'an error for the application',
    { failures: { 'pay: SQLSTATE 23505 (x)': 4 } },
    /^a writer got an unexpected error 4 times: pay: SQLSTATE 23505 \(x\)$/,
  ],
  [
    'a target that acknowledged no write',
    { acknowledged: { source: 5, target: 0 } },
    /target never acknowledged/,
  ],
  [
    'a leftover on the source',
    { leftovers: ['Sluice left something on the source: trigger t on orders'] },
    /trigger t on orders/,
  ],
])('%s is a doubt', (_what, changes, doubt) => {
  const findings = {
    execution: { status: 'SUCCEEDED', error: null, cause: null },
    ledger: { status: 'done', writes: 'target', reason: null },
    tables: [
      {
        ...{ table: 't', sourceRows: 1, targetRows: 1, sourceChecksum: '1', targetChecksum: '1' },
        ...{ missing: 0, extra: 0, different: 0 },
      },
    ],
    ...{ probes: [], unchecked: [] },
  };
  expect(doubtsOf({ ...findings, live: good })).toEqual([]);
  const doubts = doubtsOf({ ...findings, live: { ...good, ...changes } });
  expect(doubts).toHaveLength(1);
  expect(doubts[0]).toMatch(doubt);
});

test('a held migration may leave its capture, and its target need not acknowledge a write', () => {
  const held = { acknowledged: { source: 5, target: 0 }, leftovers: ['a trigger'] };
  expect(liveDoubts({ ...good, ...held }, 'source')).toEqual([]);
  expect(liveDoubts({ ...good, acknowledged: { source: 0, target: 0 } }, 'source')).toHaveLength(1);
});

test('formats the pause, the transactions and the compared rows', () => {
  expect(liveText(good)).toEqual([
    'writes paused for 1.9 s at the cutover; the longest wait of a writer was 2.0 s',
    'writers: 11,500 transactions acknowledged (500 by the target), 300 rolled back on purpose, 6 refused and retried; 52,000 rows written',
    "16,000 rows compared with the writers' journal: 0 lost, 0 extra",
  ]);
  expect(liveText({ ...good, cancelledPauses: 1 })[1]).toMatch(
    /^once, writes paused and then continued at the source/,
  );
  expect(liveText({ ...good, pauseMs: null })[0]).toMatch(/^writes never paused; the longest wait/);
});
