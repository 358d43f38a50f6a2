import { StatementTimeoutException, TransactionNotFoundException } from '@aws-sdk/client-rds-data';

import { DataApiFixture, long, OTHER_SECRET, refusal, refused, until } from '../../src/testing/data-api';

const IDLE_MS = 800;

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start({ transactionIdleMs: IDLE_MS, statementTimeoutMs: 1_500 });
  await bench.direct('create table kept (id int primary key)');
});
afterAll(() => bench.stop());
beforeEach(() => bench.direct('truncate kept'));

const insert = (id: number, transactionId?: string): Promise<unknown> =>
  bench.execute('insert into kept values (:id)', [long('id', id)], transactionId ? { transactionId } : {});
const kept = async (): Promise<unknown[]> =>
  (await bench.direct('select id from kept order by id')).map((row) => row['id']);
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a commit keeps the rows, a rollback discards them, and both invalidate the id', async () => {
  const one = await bench.begin();
  await insert(1, one);
  expect(await kept()).toEqual([]);
  expect(await bench.commit(one)).toBe('Transaction Committed');
  const other = await bench.begin();
  await insert(2, other);
  expect(await bench.rollback(other)).toBe('Rollback Complete');
  expect(await kept()).toEqual([1]);
  for (const call of [bench.commit(one), bench.rollback(other), insert(3, one)]) {
    const error = await refused(call);
    expect(error).toBeInstanceOf(TransactionNotFoundException);
    expect(error.$metadata.httpStatusCode).toBe(404);
    expect(error.message).toMatch(
      /is not found\. The transaction has already been committed or rolled back$/,
    );
  }
});

test('an id that never existed is not found', async () => {
  expect(await refusal(bench.commit('AAAA'))).toBe(
    'TransactionNotFoundException: Transaction AAAA is not found',
  );
  expect(await refusal(bench.commit('A'.repeat(193)))).toMatch(
    /^ValidationException: .*'transactionId'.*192/,
  );
});

test('an error aborts the transaction permanently', async () => {
  const id = await bench.begin();
  await insert(1, id);
  expect(await refusal(insert(1, id))).toBe(
    'DatabaseErrorException: ERROR: duplicate key value violates unique constraint "kept_pkey"\n' +
      '  Detail: Key (id)=(1) already exists.; SQLState: 23505',
  );
  const aborted = /^TransactionNotFoundException: .*aborted due to an error from a previous call$/;
  expect(await refusal(insert(2, id))).toMatch(aborted);
  expect(await refusal(bench.commit(id))).toMatch(aborted);
  expect(await refusal(bench.rollback(id))).toMatch(aborted);
  expect(await kept()).toEqual([]);
});

test('a request that never reaches the database leaves the transaction usable', async () => {
  const id = await bench.begin();
  await insert(1, id);
  expect(await refusal(bench.execute('select :missing', [], { transactionId: id }))).toMatch(/^Validation/);
  await bench.commit(id);
  expect(await kept()).toEqual([1]);
});

test('a transaction runs one call at a time', async () => {
  const id = await bench.begin();
  const first = bench.field(`select 'first' from pg_sleep(0.2)`, [], { transactionId: id });
  await pause(100);
  const busy = 'DatabaseErrorException: Transaction is still running a query';
  expect(await refusal(insert(1, id))).toBe(busy);
  expect(await refusal(bench.commit(id))).toBe(busy);
  expect(await first).toEqual({ stringValue: 'first' });
  await insert(2, id);
  await bench.commit(id);
  expect(await kept()).toEqual([2]);
});

test('an idle transaction is rolled back and releases its locks; each call restarts the idle time', async () => {
  const id = await bench.begin();
  await insert(1, id);
  await pause(IDLE_MS * 0.7);
  await insert(2, id);
  await pause(IDLE_MS * 0.7);
  await insert(3, id);
  await pause(IDLE_MS * 1.5);
  expect(await refusal(bench.commit(id))).toMatch(/is not found\. The transaction has expired$/);
  expect(await kept()).toEqual([]);
  await insert(1);
  expect(await kept()).toEqual([1]);
});

test('time spent in a statement is not idle time', async () => {
  const id = await bench.begin();
  await bench.field('select 1 from pg_sleep(0.9)', [], { transactionId: id });
  await insert(1, id);
  expect(await bench.commit(id)).toBe('Transaction Committed');
});

test('a statement over its time limit aborts the transaction', async () => {
  const id = await bench.begin();
  await insert(1, id);
  const slow = bench.execute('select 1 from pg_sleep(5)', [], { transactionId: id });
  expect(await refusal(slow)).toMatch(/^StatementTimeoutException/);
  expect(await refusal(bench.commit(id))).toMatch(/aborted due to an error/);
  await insert(1);
  const continued = { transactionId: await bench.begin(), continueAfterTimeout: true };
  expect(await refusal(bench.execute('select 1', [], continued))).toMatch(/^ValidationException/);
});

test('the next call reports that the server ended the session; later calls do not find the transaction', async () => {
  const id = await bench.begin();
  await bench.execute(`set local idle_in_transaction_session_timeout = 50`, [], { transactionId: id });
  await pause(200);
  expect(await refusal(insert(1, id))).toMatch(/^DatabaseErrorException: FATAL: .*; SQLState: 25P03$/);
  expect(await refusal(insert(1, id))).toMatch(/^TransactionNotFoundException/);
});

test('a violated deferred constraint fails the commit, which ends the transaction', async () => {
  await bench.direct('create table pairs (id int references kept deferrable initially deferred)');
  const id = await bench.begin();
  await bench.execute('insert into pairs values (7)', [], { transactionId: id });
  expect(await refusal(bench.commit(id))).toMatch(/; SQLState: 23503$/);
  expect(await refusal(bench.commit(id))).toMatch(/^TransactionNotFoundException/);
  await bench.direct('drop table pairs');
});

describe('a slow commit', () => {
  const ENDED = /^TransactionNotFoundException: .*already been committed or rolled back$/;
  let shortTimeout: DataApiFixture;
  let longTimeout: DataApiFixture;
  beforeAll(async () => {
    shortTimeout = await bench.startAnother({ statementTimeoutMs: 300 });
    longTimeout = await bench.startAnother({ statementTimeoutMs: 45_000 });
    await bench.direct(`
      create table slow (id int);
      create function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(2); return null; end';
      create constraint trigger slowly after insert on slow deferrable initially deferred for each row execute function slowly()`);
  });
  afterAll(async () => {
    await shortTimeout.stopApi();
    await longTimeout.stopApi();
  });
  beforeEach(() => bench.direct('truncate slow'));

  const committing = async (): Promise<unknown[]> =>
    bench.direct(
      `select pid from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and query = 'commit' and state = 'active'`,
    );
  const open = async (at: DataApiFixture): Promise<string> => {
    const transactionId = await at.begin();
    await at.execute('insert into slow values (1)', [], { transactionId });
    return transactionId;
  };

  test('is cancelled at the time limit, and its transaction is not reported as aborted', async () => {
    const transactionId = await open(shortTimeout);
    const error = await refused(shortTimeout.commit(transactionId));
    expect(error).toBeInstanceOf(StatementTimeoutException);
    expect((error as StatementTimeoutException).dbConnectionId).toBeGreaterThan(1);
    expect(await refusal(shortTimeout.commit(transactionId))).toMatch(ENDED);
    expect(await refusal(shortTimeout.rollback(transactionId))).toMatch(ENDED);
    await until(async () => (await committing()).length === 0);
    // It was cancelled before the commit itself.
    expect(await bench.direct('select id from slow')).toEqual([]);
    expect(await shortTimeout.field('select 1')).toEqual({ longValue: 1 });
  });

  test('is not reported as aborted if it loses its session', async () => {
    const transactionId = await open(longTimeout);
    const call = refusal(longTimeout.commit(transactionId));
    await until(async () => (await committing()).length === 1);
    await bench.direct(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and query = 'commit' and state = 'active'`,
    );
    expect(await call).toMatch(/^DatabaseErrorException: FATAL: .*; SQLState: (57P01|08006)$/);
    expect(await refusal(longTimeout.commit(transactionId))).toMatch(ENDED);
  });

  test('a rollback has a time limit too: a stopped server has not rolled back yet', async () => {
    const transactionId = await open(shortTimeout);
    const pid = Number(
      (await shortTimeout.field('select pg_backend_pid()', [], { transactionId }))?.longValue,
    );
    process.kill(pid, 'SIGSTOP');
    try {
      const error = await refused(shortTimeout.rollback(transactionId));
      expect([error.name, (error as StatementTimeoutException).dbConnectionId]).toEqual([
        'StatementTimeoutException',
        pid,
      ]);
      expect(await refusal(shortTimeout.rollback(transactionId))).toMatch(ENDED);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const alive = `select 1 from pg_stat_activity where pid = ${pid}`;
    await until(async () => (await bench.direct(alive)).length === 0);
    expect(await bench.direct('select id from slow')).toEqual([]);
  });
});

test('a transaction belongs to its cluster, secret and database', async () => {
  const id = await bench.begin();
  expect(await refusal(bench.execute('select 1', [], { transactionId: id, database: 'postgres' }))).toBe(
    "ValidationException: Database name is not the same as the transaction's",
  );
  const elsewhere = { transactionId: id, secretArn: OTHER_SECRET };
  expect(await refusal(bench.execute('select 1', [], elsewhere))).toMatch(/^TransactionNotFoundException/);
  expect(await bench.field('select 1', [], { transactionId: id, database: undefined })).toEqual({
    longValue: 1,
  });
  expect(await bench.rollback(id)).toBe('Rollback Complete');
});

test('a batch runs once per set, in one transaction if there is one', async () => {
  const sets = [1, 2, 3].map((id) => [long('id', id)]);
  expect(await bench.batch('insert into kept values (:id)', sets)).toBe(3);
  expect(await kept()).toEqual([1, 2, 3]);
  const id = await bench.begin();
  const repeated = [[long('id', 4)], [long('id', 1)], [long('id', 5)]];
  expect(await refusal(bench.batch('insert into kept values (:id)', repeated, id))).toMatch(/23505$/);
  expect(await kept()).toEqual([1, 2, 3]);
  expect(await bench.batch('delete from kept', [[]])).toBe(1);
  expect(await kept()).toEqual([]);
});

test('a batch returns no rows; a result over the limit is an error that its model has', async () => {
  expect(await bench.batch('select 1', [[], []])).toBe(2);
  expect(await refusal(bench.batch(`select repeat('x', 65537)`, [[]]))).toMatch(
    /^DatabaseErrorException: ERROR: Packet for query is too large.*; SQLState: 54000$/,
  );
});

test('a batch requires a set and refuses a semicolon', async () => {
  expect(await refusal(bench.batch('delete from kept', []))).toMatch(/^ValidationException: parameterSets/);
  expect(await refusal(bench.batch('delete from kept;', [[]]))).toMatch(/^ValidationException: .*semicolon/);
});
