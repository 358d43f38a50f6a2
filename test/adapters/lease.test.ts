/** A lease is one row for one copier. Its token only increases, and an abort revokes all leases permanently. */
import { versioned } from '../../src/adapters/postgres/installed-version';
import { FencedOut, WrongState } from '../../src/core/errors';
import { scopePrefix } from '../../src/core/ledger';
import type { Layout } from '../../src/core/layout';
import type { End } from '../../src/core/ends';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
let target: End;
let layout: Layout;

beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)' });
  await trial.begin();
  await trial.walk('plan');
  const world = trial.world();
  target = world.ends.target;
  layout = (await world.describe('forward'))[0]!.layout;
});
afterAll(() => lab.stop());

/** Every test starts after the plan: a dark target, one lease that no copier has claimed, no rows. */
beforeEach(() =>
  trial.target.sql(`
    UPDATE sluice.guard SET state = 'dark', epoch = 10;
    DELETE FROM sluice.lease; DELETE FROM sluice.slice; INSERT INTO sluice.lease (scope) VALUES ('${scope()}');
    SET session_replication_role = replica; SET SESSION AUTHORIZATION sluice_worker; DELETE FROM t`),
);
afterEach(() => trial.target.close());

const scope = () => `${scopePrefix(trial.of, 'target', 'shop.t')}0`;
const install = async (token: number, attempt = 0) =>
  target.leases.install(await trial.authority(10), scope(), token, attempt);
const revoke = async (epoch: number) => target.guard.revoke(await trial.authority(epoch));
const write = (id: number, token: number, seq: number) =>
  target.writer.writePage(layout, { scope: scope(), token, seq }, [
    { rows: 1, bytes: 9, last: `{${id}}`, columns: [`{${id}}`, '{x}'] },
  ]);

describe('installing', () => {
  test('only increases the token', async () => {
    expect(await install(5)).toEqual({ lower: null, upper: null, cursor: null });
    expect(await install(4)).toBeNull();
    expect(await target.leases.read(scope())).toMatchObject({ token: 5, open: true });
    expect(await install(6)).not.toBeNull();
  });

  test('again returns the same, until the first write', async () => {
    expect(await install(1)).not.toBeNull();
    expect(await install(1)).not.toBeNull();
    expect(await write(1, 1, 1)).toBe(true);
    expect(await install(1)).toBeNull();
    expect(await target.leases.read(scope())).toMatchObject({ seq: 1, cursor: '{1}' });
  });

  test('again after closing does not open the lease, although nothing was written', async () => {
    await install(1);
    await target.leases.close(scope(), 1);
    expect(await install(1)).toBeNull();
    expect(await target.leases.read(scope())).toMatchObject({ open: false });
  });

  test('lets a newer claim continue after the cursor, and a new attempt start over', async () => {
    await install(1);
    await write(7, 1, 1);
    expect(await install(2)).toMatchObject({ cursor: '{7}' });
    expect(await install(3, 1)).toMatchObject({ cursor: null });
    expect(await target.leases.read(scope())).toMatchObject({ token: 3, seq: 0, cursor: null });
  });

  test('needs a lease that was planned', async () => {
    const authority = await trial.authority(10);
    expect(
      await target.leases.install(authority, `${scopePrefix(trial.of, 'target', 'shop.t')}1`, 1, 0),
    ).toBeNull();
    expect(await target.leases.install(authority, `${trial.name}/target/1/shop.t/0`, 1, 0)).toBeNull();
  });

  test.each(['open', 'revoked'])('is refused while the target is %s', async (state) => {
    await trial.target.sql(`UPDATE sluice.guard SET state = '${state}'`);
    expect(await install(1)).toBeNull();
    expect(await target.leases.read(scope())).toMatchObject({ token: 0, open: false });
  });

  test('is refused to a migration without a guard', async () => {
    const another = { ...(await trial.authority(10)), migration: 'another' };
    await expect(target.leases.install(another, scope(), 1, 0)).rejects.toBeInstanceOf(WrongState);
  });

  test('concurrently keeps the newest claim', async () => {
    await Promise.all([3, 1, 4, 2, 5].map((token) => install(token)));
    expect(await target.leases.read(scope())).toMatchObject({ token: 5, open: true });
  });
});

describe('revoking', () => {
  test('closes every lease and refuses writes that their holders still send', async () => {
    await install(1);
    await write(1, 1, 1);
    await target.writer.stageSlices({ scope: scope(), token: 1, seq: 2 }, 0, 0, ['eA==']);
    await revoke(100);
    expect(await target.leases.read(scope())).toMatchObject({ token: 2, open: false });
    expect(await write(2, 1, 2)).toBe(false);
    expect(await write(2, 2, 2)).toBe(false);
    expect(await target.leases.close(scope(), 1)).toBe(false);
    expect(await trial.target.rows('t')).toEqual(['(1,x)']);
    expect(await trial.target.count('sluice.slice')).toBe(0);
  });

  test('refuses every later claim, however new', async () => {
    await revoke(100);
    await expect(install(1_000)).rejects.toBeInstanceOf(FencedOut);
    const newer = await trial.authority(100);
    expect(await target.leases.install(newer, scope(), 1_000, 0)).toBeNull();
    expect(await trial.guard('target')).toMatchObject({ state: 'revoked', epoch: 100 });
  });

  test('waits for a claim in flight, and closes its lease too', async () => {
    const session = await trial.target.session('sluice_control');
    await session.query('BEGIN');
    const installed = await session.query(
      versioned(`SELECT installed FROM sluice.install_lease($1, $2, 'target', 1, 10, $3, 1, 0)`),
      [trial.of.owner, trial.name, scope()],
    );
    expect(installed.rows).toEqual([{ installed: true }]);
    const revoked = revoke(100);
    expect(await isSettledWithin(revoked, 200)).toBe(false);
    await session.query('COMMIT');
    await revoked;
    expect(await target.leases.read(scope())).toMatchObject({ token: 2, open: false });
    expect(await write(1, 1, 1)).toBe(false);
  });

  test('makes a concurrent claim wait, and then refuses it', async () => {
    const session = await trial.target.session('sluice_control');
    await session.query('BEGIN');
    await session.query(versioned(`SELECT sluice.revoke_leases($1, $2, 'target', 1, 100)`), [
      trial.of.owner,
      trial.name,
    ]);
    const claim = install(7);
    expect(await isSettledWithin(claim, 200)).toBe(false);
    await session.query('COMMIT');
    await expect(claim).rejects.toBeInstanceOf(FencedOut);
  });

  test('waits for a write in flight, and refuses the next', async () => {
    await install(1);
    const session = await trial.target.session('sluice_worker');
    await session.query('BEGIN');
    await session.query(
      `WITH f AS (UPDATE sluice.lease SET seq = 1 WHERE scope = $1 AND token = 1 AND seq = 0 RETURNING 1)
      INSERT INTO shop.t SELECT 1, 'x' FROM f`,
      [scope()],
    );
    const revoked = revoke(100);
    expect(await isSettledWithin(revoked, 200)).toBe(false);
    await session.query('COMMIT');
    await revoked;
    expect(await write(2, 1, 2)).toBe(false);
    expect(await trial.target.rows('t')).toEqual(['(1,x)']);
  });

  test('does not change the leases of other migrations', async () => {
    await trial.target.sql(
      `INSERT INTO sluice.lease (scope, token, open) VALUES ('${trial.of.owner}/${trial.name}-b/target/1/shop.t/0', 4, true)`,
    );
    await revoke(100);
    expect(await target.leases.read(`${trial.of.owner}/${trial.name}-b/target/1/shop.t/0`)).toMatchObject({
      token: 4,
      open: true,
    });
  });

  test('may be repeated, and does not lower the epoch', async () => {
    await revoke(100);
    await revoke(100);
    await expect(revoke(99)).rejects.toBeInstanceOf(FencedOut);
    expect(await trial.guard('target')).toMatchObject({ state: 'revoked', epoch: 100 });
  });

  test('does nothing where Sluice is not installed', async () => {
    const fresh = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
    await fresh.world().ends.target.guard.revoke(await fresh.authority(1));
    expect(await fresh.target.traces()).toEqual([]);
  });
});

const isSettledWithin = (work: Promise<unknown>, ms: number): Promise<boolean> =>
  Promise.race([
    work.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms)),
  ]);
