import { liveDoubts, liveText, type LiveFindings } from '../../../src/rehearsal/verdict/live';
import { doubtsOf } from '../../../src/rehearsal/verdict/verdict';

const good: LiveFindings = {
  acknowledged: { source: 11_000, target: 500 },
  ...{
    rowsWritten: 52_000,
    rolledBack: 300,
    refused: 24,
    repeated: 6,
    conflicts: 0,
    answersLost: 0,
    disconnected: 0,
  },
  ...{ failures: {}, pauseMs: 1_890, pausesInVain: 0, longestWaitMs: [900, 2_004], rowsKnown: 16_000 },
  ...{ lost: 0, extra: 0, tables: [], sourceDiffers: 0, traces: [] },
};

test('nothing lost, nothing extra, nothing left: no doubt', () => {
  expect(liveDoubts(good, 'target')).toEqual([]);
});

test.each<[string, Partial<LiveFindings>, RegExp]>([
  [
    'a lost row',
    { tables: [{ table: 'public.orders', lost: 1, extra: 0 }] },
    /^public\.orders: 1 acknowledged, but lost$/,
  ],
  [
    'an extra row',
    { tables: [{ table: 'public.orders', lost: 0, extra: 2 }] },
    /^public\.orders: 2 there, but never acknowledged$/,
  ],
  ['a source that was changed', { sourceDiffers: 3 }, /^3 rows of the source/],
  [
    'an error for the application',
    { failures: { 'pay: SQLSTATE 23505 (x)': 4 } },
    /^a writer received pay: .* \(4 times\)$/,
  ],
  ['a target that nobody writes to', { acknowledged: { source: 5, target: 0 } }, /target never acknowledged/],
  [
    'something that is left',
    { traces: ["the source still has Sluice's: trigger t on orders"] },
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
    ...{ probes: [], unseen: [] },
  };
  expect(doubtsOf({ ...findings, live: good })).toEqual([]);
  const doubts = doubtsOf({ ...findings, live: { ...good, ...changes } });
  expect(doubts).toHaveLength(1);
  expect(doubts[0]).toMatch(doubt);
});

test('a held migration may leave its capture, and its target need not answer', () => {
  const held = { acknowledged: { source: 5, target: 0 }, traces: ['a trigger'] };
  expect(liveDoubts({ ...good, ...held }, 'source')).toEqual([]);
  expect(liveDoubts({ ...good, acknowledged: { source: 0, target: 0 } }, 'source')).toHaveLength(1);
});

test('the page says what an application would ask', () => {
  expect(liveText(good)).toEqual([
    'Writes paused 1.9 s; no writer waited longer than 2.0 s',
    "writers' transactions: 11,500 acknowledged (500 of them by the target), 300 rolled back, 6 refused and repeated; 52,000 rows written",
    'of 16,000 rows that the writers know: lost 0, extra 0',
  ]);
  expect(liveText({ ...good, pausesInVain: 1 })[1]).toMatch(/^once before that/);
  expect(liveText({ ...good, pauseMs: null })[0]).toMatch(/^Writes never paused/);
});
