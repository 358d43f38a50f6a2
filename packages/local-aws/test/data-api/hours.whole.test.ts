/** Checks the default time limits of the service. The tests advance a fake clock instead of waiting. */
import { DataApiFixture, refusal, until } from '../../src/testing/data-api';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
});
afterAll(() => bench.stop());
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
});
afterEach(() => jest.useRealTimers());

/** Waits for a turn of the event loop: timers are faked. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const sessions = async (state: string): Promise<number> =>
  Number(
    (
      await bench.direct(
        `select count(*) as n from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and state = '${state}'`,
      )
    )[0]?.['n'],
  );
const settled = (call: Promise<unknown>): (() => boolean) => {
  let done = false;
  const note = (): void => void (done = true);
  call.then(note, note);
  return () => done;
};

test.each([false, true])(
  'a statement times out after 45 s; continueAfterTimeout %s',
  async (continueAfterTimeout) => {
    const call = refusal(bench.execute('select 1 from pg_sleep(1)', [], { continueAfterTimeout }));
    const done = settled(call);
    while ((await sessions('active')) === 0) await turn();
    jest.advanceTimersByTime(45 * SECOND_MS - 1);
    for (let turns = 0; turns < 50; turns += 1) await turn();
    expect(done()).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await call).toMatch(/^StatementTimeoutException/);
    if (continueAfterTimeout) expect(await sessions('active')).toBe(1);
    jest.useRealTimers();
    await until(async () => (await sessions('active')) === 0);
  },
);

test('a commit times out after 45 s too', async () => {
  await bench.direct(`
    create table slow (id int);
    create function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(1); return null; end';
    create constraint trigger slowly after insert on slow deferrable initially deferred for each row execute function slowly()`);
  const transactionId = await bench.begin();
  await bench.execute('insert into slow values (1)', [], { transactionId });
  const call = refusal(bench.commit(transactionId));
  const done = settled(call);
  while ((await sessions('active')) === 0) await turn();
  jest.advanceTimersByTime(45 * SECOND_MS - 1);
  for (let turns = 0; turns < 50; turns += 1) await turn();
  expect(done()).toBe(false);
  jest.advanceTimersByTime(1);
  expect(await call).toMatch(/^StatementTimeoutException: Request timed out after 45000 ms$/);
});

test('a transaction may be idle for 3 minutes', async () => {
  const transactionId = await bench.begin();
  jest.advanceTimersByTime(3 * MINUTE_MS - 1);
  expect(await bench.field('select 1', [], { transactionId })).toEqual({ longValue: 1 });
  jest.advanceTimersByTime(3 * MINUTE_MS);
  expect(await refusal(bench.commit(transactionId))).toMatch(/The transaction has expired$/);
});

test('a transaction may last for 24 hours, even if it is in use', async () => {
  const transactionId = await bench.begin();
  const startedAt = Date.now();
  while (Date.now() - startedAt < 24 * HOUR_MS - 2 * MINUTE_MS) {
    jest.advanceTimersByTime(2 * MINUTE_MS);
    await bench.execute('select 1', [], { transactionId });
  }
  jest.advanceTimersByTime(startedAt + 24 * HOUR_MS - Date.now() - 1);
  await bench.execute('select 1', [], { transactionId });
  jest.advanceTimersByTime(1);
  expect(await refusal(bench.commit(transactionId))).toMatch(/The transaction has expired$/);
});
