/** Every write consumes a number of its lease in its own statement: repeats, late copies and older claims change nothing. */
import { scopePrefix } from '../../src/core/ledger';
import type { Layout } from '../../src/core/layout';
import type { End } from '../../src/core/ends';
import type { Group, Ticket } from '../../src/core/ports';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
let layout: Layout;
let target: End;

beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)' });
  await trial.begin();
  await trial.walk('plan');
  const world = trial.world();
  layout = (await world.describe('forward'))[0]!.layout;
  target = world.ends.target;
});
afterAll(() => lab.stop());

/** Every test has its own chunk, claimed once, in an empty table. */
let chunk = 0;
beforeEach(async () => {
  chunk += 1;
  await trial.target.sql('DELETE FROM shop.t; DELETE FROM sluice.slice', 'sluice_worker');
  await trial.target.sql(`INSERT INTO sluice.lease (scope) VALUES ('${scope()}')`, 'sluice_owner');
  expect(await target.leases.install(await trial.authority(), scope(), 1, 0)).not.toBeNull();
});
afterEach(() => trial.target.close());

const scope = () => `${scopePrefix(trial.of, 'target', 'shop.t')}${chunk}`;
const ticket = (seq: number, token = 1): Ticket => ({ scope: scope(), token, seq });
const page = (id: number, v: string): Group[] => [
  { rows: 1, bytes: 10, last: `{${id}}`, columns: [`{${id}}`, `{${v}}`] },
];
const write = (id: number, v: string, seq: number, token = 1) =>
  target.writer.writePage(layout, ticket(seq, token), page(id, v));
const rows = () => trial.target.rows('t');

test('a write consumes the next number and moves the cursor', async () => {
  expect(await write(1, 'one', 1)).toBe(true);
  expect(await write(2, 'two', 2)).toBe(true);
  expect(await target.leases.read(scope())).toMatchObject({ token: 1, seq: 2, open: true, cursor: '{2}' });
  expect(await rows()).toEqual(['(1,one)', '(2,two)']);
});

test('the same request executed twice writes once', async () => {
  expect(await write(1, 'one', 1)).toBe(true);
  expect(await write(1, 'one', 1)).toBe(false);
  expect(await rows()).toEqual(['(1,one)']);
});

test('the same request delivered twice concurrently writes once', async () => {
  for (let seq = 1; seq <= 15; seq += 1) {
    const held = await Promise.all([write(seq, 'x', seq), write(seq, 'x', seq), write(seq, 'x', seq)]);
    expect(held.filter((applied) => applied)).toHaveLength(1);
  }
  expect(await trial.target.count('t')).toBe(15);
});

test('a number cannot be skipped', async () => {
  expect(await write(1, 'one', 2)).toBe(false);
  expect(await rows()).toEqual([]);
});

describe('a first request that executes after the second, although the row was deleted in between', () => {
  beforeEach(async () => {
    await write(1, 'stale', 1);
    expect(await target.writer.clearRange(layout, { lower: null, upper: null }, ticket(2))).toBe(true);
  });

  test('would restore the row if the fence checked only the token', async () => {
    const session = await trial.target.session('sluice_worker');
    await session.query(
      `WITH fence AS (UPDATE sluice.lease SET seq = seq WHERE scope = $1 AND token = 1 AND open RETURNING 1)
       INSERT INTO shop.t SELECT 1, 'stale' FROM fence`,
      [scope()],
    );
    expect(await rows()).toEqual(['(1,stale)']);
  });

  test('is refused by its number', async () => {
    expect(await write(1, 'stale', 1)).toBe(false);
    expect(await rows()).toEqual([]);
    expect(await target.leases.read(scope())).toMatchObject({ seq: 2, cursor: null });
  });
});

test('a request in flight makes its copy wait, and then fences it out', async () => {
  const first = await inFlight();
  const second = write(1, 'second', 1);
  expect(await isSettledWithin(second, 200)).toBe(false);
  await first.query('COMMIT');
  expect(await second).toBe(false);
  expect(await rows()).toEqual(['(1,first)']);
});

test('the copy writes if the first request is rolled back', async () => {
  const first = await inFlight();
  const second = write(1, 'second', 1);
  await first.query('ROLLBACK');
  expect(await second).toBe(true);
  expect(await rows()).toEqual(['(1,second)']);
});

describe('once a newer claim is installed', () => {
  beforeEach(async () => {
    await write(1, 'one', 1);
    expect(await target.leases.install(await trial.authority(), scope(), 2, 0)).toMatchObject({
      cursor: '{1}',
    });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['write a page', () => write(2, 'zombie', 2)],
    ['write with the number that the new claim will take', () => write(2, 'zombie', 1)],
    ['skip a row', () => target.writer.skipRow(ticket(2), '{9}')],
    ['clear the range', () => target.writer.clearRange(layout, { lower: null, upper: null }, ticket(2))],
    ['stage slices', () => target.writer.stageSlices(ticket(2), 0, 0, ['eA=='])],
    ['move what is staged', () => target.writer.moveStaged(layout, ticket(2), '{2}')],
    ['close the lease', () => target.leases.close(scope(), 1)],
  ])('the older one cannot %s', async (_what, zombie) => {
    const before = await target.leases.read(scope());
    expect(await zombie()).toBe(false);
    expect(await rows()).toEqual(['(1,one)']);
    expect(await target.leases.read(scope())).toEqual(before);
    expect(await trial.target.count('sluice.slice')).toBe(0);
  });

  test('the older claim cannot drop the parts that the newer one has staged', async () => {
    const current = { scope: scope(), token: 2, seq: 1 };
    expect(await target.writer.stageSlices(current, 0, 0, ['Mg=='])).toBe(true);
    await target.writer.dropSlices(ticket(2));
    await target.writer.dropSlices(ticket(1));
    expect(await trial.target.count('sluice.slice')).toBe(1);
    await target.writer.dropSlices(current);
    expect(await trial.target.count('sluice.slice')).toBe(0);
  });

  test('the newer claim writes from number 1 on', async () => {
    expect(await write(2, 'two', 1, 2)).toBe(true);
    expect(await rows()).toEqual(['(1,one)', '(2,two)']);
  });
});

test('a refused page consumes no number and leaves no row', async () => {
  const refused = [{ rows: 2, bytes: 20, last: '{2}', columns: ['{1,2}', '{one,NULL}'] }];
  await expect(target.writer.writePage(layout, ticket(1), refused)).rejects.toMatchObject({
    sqlState: '23502',
  });
  expect(await rows()).toEqual([]);
  expect(await target.leases.read(scope())).toMatchObject({ seq: 0, cursor: null });
  expect(await write(1, 'one', 1)).toBe(true);
});

test('a closed lease refuses writes', async () => {
  expect(await target.leases.close(scope(), 1)).toBe(true);
  expect(await write(1, 'late', 1)).toBe(false);
  expect(await target.leases.close(scope(), 1)).toBe(true);
});

test('two copiers do not wait for each other', async () => {
  const other = { scope: `${scopePrefix(trial.of, 'target', 'shop.t')}other`, token: 1, seq: 1 };
  await trial.target.sql(`INSERT INTO sluice.lease (scope) VALUES ('${other.scope}')`);
  expect(await target.leases.install(await trial.authority(), other.scope, 1, 0)).not.toBeNull();
  const busy = await inFlight();
  expect(await target.writer.writePage(layout, other, page(2, 'free'))).toBe(true);
  await busy.query('COMMIT');
  expect(await rows()).toEqual(['(1,first)', '(2,free)']);
});

/** Executes a first write without committing it. */
async function inFlight() {
  const session = await trial.target.session('sluice_worker');
  await session.query('BEGIN');
  await session.query(
    `WITH fence AS (UPDATE sluice.lease SET seq = 1, cursor = '{1}' WHERE scope = $1 AND token = 1 AND seq = 0 AND open RETURNING 1)
     INSERT INTO shop.t SELECT 1, 'first' FROM fence`,
    [scope()],
  );
  return session;
}

const isSettledWithin = (work: Promise<unknown>, ms: number): Promise<boolean> =>
  Promise.race([
    work.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms)),
  ]);
