/** The report of a live migration, as an operator reads it. */
import { RECORD_FORMAT } from '../../src/contract/versions';
import { generationStart } from '../support/generation-start';
import type { MigrationRecord, MigrationReport, SyncProgress } from '../../src/core/ledger';
import { reportText } from '../../src/cli/report-text';

const RECORD: MigrationRecord = {
  ...generationStart('cdc'),
  migration: 'orders',
  format: RECORD_FORMAT,
  owner: 'original',
  overrides: {},
  overridesRevision: 0,
  differences: null,
  abortEpoch: null,
  generation: 2,
  direction: 'forward',
  shape: 'cdc',
  ...{ code: 'c0de0001', syncMachine: 'arn:sync:1', stages: [] },
  status: 'running',
  stage: 'backfill',
  writes: 'source',
  epoch: 3,
  cutoverAttempts: 0,
  fenceEpoch: null,
  execution: 'arn:owner',
  reason: null,
  salt: 'salt',
  wave: null,
  fenceDeadline: null,
  fencesCancelled: 0,
  comparisonRounds: 0,
  sync: 'arn:sync',
  captureLost: null,
  adoption: null,
};
const SYNC: SyncProgress = {
  partitions: 5,
  passedAt: '2026-11-22T10:00:00.000Z',
  lagMs: 1_250,
  pending: 12,
  applied: 3_400,
  retries: 2,
  refused: 1,
};
const textOf = (
  record: Partial<MigrationRecord>,
  sync: SyncProgress | null,
  problems: MigrationReport['problems'] = [],
  deployedCode = RECORD.code,
) =>
  reportText(
    { record: { ...RECORD, ...record }, tables: [], sync, problems, failure: [], journal: [] },
    deployedCode,
  );

test('shows the lag, the dirty keys and the refused rows of sync', () => {
  expect(textOf({}, SYNC)).toMatch(
    /^shape: +cdc\n(.*\n)*sync: +passed 2026-11-22T10:00:00\.000Z, lag 1\.3 s, 12 dirty keys, 3400 applied, 2 retries, 1 refused$/m,
  );
});

test('the stage is the first that is not finished, with its position', () => {
  expect(textOf({}, SYNC)).toMatch(/^stage: +catch-up \(6 of 13\)$/m);
  expect(textOf({ stage: null }, SYNC)).toMatch(/^stage: +preflight \(1 of 13\)$/m);
  expect(textOf({ shape: 'offline', stage: 'open', status: 'done' }, null)).toMatch(
    /^stage: +all 9 finished$/m,
  );
});

test('does not report a lag of zero for partitions without an applier', () => {
  expect(textOf({}, { ...SYNC, passedAt: null })).toMatch(
    /^sync: +not all of its 5 partitions are served, /m,
  );
});

test('a generation without partitions has no line about sync', () => {
  expect(textOf({}, { ...SYNC, partitions: 0, passedAt: null })).not.toMatch(/^sync:/m);
});

test('shows the code version, and whether another one is deployed', () => {
  expect(textOf({}, SYNC)).toMatch(/^code: +c0de0001$/m);
  expect(textOf({}, SYNC, [], 'c0de0002')).toMatch(
    /^code: +c0de0001 \(deployed is c0de0002; npx sluice upgrade orders moves to it\)$/m,
  );
  expect(textOf({ status: 'done' }, SYNC, [], 'c0de0002')).toMatch(
    /^code: +c0de0001 \(deployed is c0de0002\)$/m,
  );
});

test('shows the cause of a lost capture', () => {
  expect(textOf({ captureLost: 'shop.t: TRUNCATE' }, SYNC)).toMatch(/^lost: +shop\.t: TRUNCATE$/m);
});

test('a row that an applier cannot write is named without a chunk', () => {
  const problem = {
    table: 'shop.t',
    chunk: null,
    hashedKey: 'ab12',
    sqlState: '23514',
    constraint: 'positive',
  };
  expect(textOf({}, SYNC, [problem, { ...problem, chunk: 3 }])).toMatch(
    / {2}shop\.t ab12 23514 positive\n {2}shop\.t#3 ab12 23514 positive$/m,
  );
});

test('lists what preflight found and did not refuse', () => {
  expect(textOf({ notices: { count: 3, shown: ['one', 'two'] } }, SYNC)).toMatch(
    /^preflight found 3 thing\(s\) to know:\n {2}one\n {2}two\n {2}and 1 more$/m,
  );
  expect(textOf({}, SYNC)).not.toMatch(/preflight found/);
});

test('an offline migration has no sync', () => {
  expect(textOf({ shape: 'offline' }, null)).not.toMatch(/sync/);
});

test('a cutover in progress states its number and where a cancel returns the writes', () => {
  expect(textOf({ writes: 'source→target#4' }, SYNC)).toMatch(
    /^writes: +source→target#4 \(cutover attempt 4; a cancel returns them to the source\)$/m,
  );
  expect(textOf({ writes: 'source, aborting' }, SYNC)).toMatch(/^writes: +source, aborting$/m);
});

describe('an error with many problems', () => {
  const failure = Array.from({ length: 720 }, (_, index) => `problem ${index}`);
  const record = {
    ...RECORD,
    status: 'held',
    reason: 'PreflightFailed: 720 problem(s):\n- problem 0',
  } as const;
  const report = { record, tables: [], sync: null, problems: [], failure, journal: [] };

  test('shows the first, and how many more there are', () => {
    const text = reportText(report, RECORD.code);
    expect(text).toMatch(/^status: +held: PreflightFailed: 720 problem\(s\):$/m);
    expect(text.match(/^- problem \d+$/gm)).toHaveLength(20);
    expect(text).toMatch(/^- and 700 more: npx sluice status orders --problems shows all of them$/m);
  });

  test('shows all on request', () => {
    const text = reportText(report, RECORD.code, true);
    expect(text.match(/^- problem \d+$/gm)).toHaveLength(720);
    expect(text).not.toContain('more:');
  });
});
