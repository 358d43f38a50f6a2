/** An error with many problems: the ledger has all of them, and the migration is held with the first as its reason. */
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { jsonBytes } from '../../src/core/bounded-text';
import { CopyFailed, PreflightFailed, problemText, VerificationFailed } from '../../src/core/errors';
import { recordFailure } from '../../src/core/execution/record-failure';
import { storeLongError } from '../../src/core/execution/store-long-error';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../support/control-table';
import { generationStart } from '../support/generation-start';

let table: TestControlTable;
let control: ControlTable;
let migration = '';
let migrations = 0;

beforeAll(async () => {
  table = await startControlTable();
  control = new ControlTable(table.client, TABLE_NAME);
});
afterAll(() => table.stop());
beforeEach(async () => {
  migrations += 1;
  migration = `long-${migrations}`;
  await control.create(migration, 'execution-1', generationStart('cdc'));
});

const problems = Array.from({ length: 5_000 }, (_, index) => ({
  ...{ check: 'foreign-keys', subject: `größe.t_${index}`, found: 'x'.repeat(200), remedy: 'Drop it.' },
}));
const RUN = { generation: 1, execution: 'execution-1' };

async function failWith(error: Error, run: object = RUN): Promise<void> {
  const thrown = (await storeLongError({ control }, { migration, ...run }, error)) as Error;
  const { name, message } = thrown;
  await recordFailure({ control }, migration, 'execution-1', {
    Error: name,
    Cause: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }),
  });
}

test('every problem is stored, and the reason has the first, with the rest counted', async () => {
  await failWith(new PreflightFailed(migration, problems));
  const { record, failure } = (await control.report(migration))!;
  expect(failure).toEqual(problems.map(problemText));
  expect(record).toMatchObject({ status: 'held', execution: null });
  expect(record.failure!.parts).toBeGreaterThan(1);
  expect(record.reason).toMatch(
    /^PreflightFailed: preflight refuses migration .* for 5000 problem\(s\); nothing/,
  );
  expect(record.reason).toContain(problemText(problems[10]!));
  expect(record.reason).toMatch(/- and \d+ more: npx sluice status long-\d+ --problems has all of them$/);
  expect(jsonBytes(record.reason!)).toBeLessThan(10_000);
});

test('a resume forgets them', async () => {
  await failWith(new PreflightFailed(migration, problems));
  await control.takeOver(await control.recordOrFail(migration), 'execution-2');
  expect(await control.report(migration)).toMatchObject({ record: { reason: null }, failure: [] });
});

test('a long text is stored as one', async () => {
  const error = new VerificationFailed(`unequal: ${'x'.repeat(100_000)}. Abort`);
  await failWith(error);
  expect((await control.report(migration))!.failure).toEqual([error.message]);
});

test.each<[string, Error, object]>([
  ['a short one', new CopyFailed('no progress'), RUN],
  ['that of another execution', new PreflightFailed('long', problems), { ...RUN, execution: 'late' }],
  ['that of an earlier generation', new PreflightFailed('long', problems), { ...RUN, generation: 0 }],
])('%s is not stored', async (_what, error, run) => {
  await failWith(error, run);
  const { record, failure } = (await control.report(migration))!;
  expect(failure).toEqual([]);
  expect(record.status).toBe('held');
  expect(jsonBytes(record.reason!)).toBeLessThan(10_000);
});

test('a cause that Step Functions shortened is a bounded reason, too', async () => {
  const Cause = `{"errorMessage":"${'"\u0000'.repeat(16_000)}`;
  await recordFailure({ control }, migration, 'execution-1', { Error: 'Error', Cause });
  const { record, journal } = (await control.report(migration))!;
  expect(jsonBytes(record.reason!)).toBeLessThan(10_000);
  expect(journal.at(-1)).toMatchObject({ event: 'held', evidence: { reason: record.reason } });
});
