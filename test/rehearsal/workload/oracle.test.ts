/** A bank moves while its application writes. The oracle must find no difference, then every one that a test causes. */
import type { LiveWorkload } from '../../../src/rehearsal/workload/live-workload';
import { startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { Bank, until } from './bank';

let server: TestPostgres;
let bank: Bank;
let live: LiveWorkload;

beforeAll(async () => {
  server = await startTestPostgres();
  bank = await Bank.open(server);
  live = await bank.live();
  live.start();
  await until(() => live.progress().acknowledged.source > 100);
  await bank.move(live);
  await until(() => live.progress().acknowledged.target > 100);
  await live.stop();
}, 30_000);
afterAll(async () => {
  await bank.close();
  await server.stop();
});

const verdict = async () => {
  const { owner, source } = await live.compare('target');
  return { lost: owner.lost, extra: owner.extra, source: source!.lost + source!.extra };
};
const GOOD = { lost: 0, extra: 0, source: 0 };

/** Returns the oracle's findings after damage to the target, which it then repairs. */
async function findingsAfter(damage: string) {
  await bank.sql(
    `CREATE SCHEMA saved; ${TARGETS.map((name) => `CREATE TABLE saved.${name} AS TABLE vault.${name}`).join(';')}`,
  );
  await bank.sql(damage);
  const found = await verdict();
  await bank.sql(
    `SET session_replication_role = replica; ${TARGETS.map((name) => `DELETE FROM vault.${name}`).join(';')};
     INSERT INTO vault.accounts (id, kind, holder, email, note) OVERRIDING SYSTEM VALUE SELECT id, kind, holder, email, note FROM saved.accounts;
     INSERT INTO vault."Entries" TABLE saved."Entries"; INSERT INTO vault.counters TABLE saved.counters; DROP SCHEMA saved CASCADE`,
  );
  expect(await verdict()).toEqual(GOOD);
  return found;
}
const TARGETS = ['accounts', '"Entries"', 'counters'];

test('refused writers follow the route, and every acknowledged row exists', async () => {
  const { failures, refused, retried, rolledBack, pauses, side } = live.progress();
  expect({ failures, side }).toEqual({ failures: {}, side: 'target' });
  expect(rolledBack).toBeGreaterThan(0);
  expect(retried).toBeGreaterThan(0);
  expect(refused).toBeGreaterThanOrEqual(retried);
  expect(pauses.map(({ endedBy }) => endedBy)).toEqual(['target']);
  expect(pauses[0]!.ms).toBeGreaterThan(0);
  expect(await verdict()).toEqual(GOOD);
});

/** An account that no writer changed after the flip, and one that a writer inserted after it. */
const UNTOUCHED = 'id = (SELECT min(id) FROM vault.accounts WHERE id < 1000)';
const TOUCHED = 'id = (SELECT max(id) FROM vault.accounts)';

test.each([
  [
    'NULL and the empty text',
    `UPDATE vault.accounts SET note = CASE WHEN note IS NULL THEN '' END WHERE ${UNTOUCHED}`,
  ],
  ['one letter', `UPDATE vault.accounts SET holder = holder || '.' WHERE ${UNTOUCHED}`],
  ['one letter of a row of the target', `UPDATE vault.accounts SET holder = holder || '.' WHERE ${TOUCHED}`],
  [
    'an enum',
    `UPDATE vault.accounts SET kind = CASE kind WHEN 'private' THEN 'business' ELSE 'private' END::kind WHERE ${TOUCHED}`,
  ],
  [
    'a number',
    `UPDATE vault."Entries" SET amount = amount + 0.0001 WHERE ctid = (SELECT max(ctid) FROM vault."Entries")`,
  ],
  ['an increment', `UPDATE vault.counters SET n = n - 1 WHERE name = 'counter 1'`],
  [
    'a column of a counter that never changes',
    `UPDATE vault.counters SET note = '' WHERE name = 'counter 1'`,
  ],
  ['a deleted row', `DELETE FROM vault."Entries" WHERE ctid = (SELECT max(ctid) FROM vault."Entries")`],
])('%s is found', async (_what, damage) => {
  expect(await findingsAfter(damage)).toEqual({ ...GOOD, lost: 1 });
});

test('a deleted row that exists again is extra', async () => {
  const found = await findingsAfter(
    `INSERT INTO vault."Entries" SELECT a.id, e.line, 1 FROM vault.accounts AS a, generate_series(1, 3) AS e (line)
     WHERE NOT EXISTS (SELECT FROM vault."Entries" AS x WHERE (x.account_id, x.line) = (a.id, e.line)) AND a.id <= 60`,
  );
  expect(found.extra).toBeGreaterThan(0);
  expect(found).toEqual({ ...GOOD, extra: found.extra });
});

test('changes of the sealed source are found', async () => {
  await bank.sql(
    `UPDATE old.counters SET note = 'x'; UPDATE old.accounts SET note = note || 'x' WHERE id < 20`,
  );
  expect((await verdict()).source).toBeGreaterThan(0);
});
