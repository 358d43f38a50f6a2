/** A removal drops what this migration created, and empties what was empty before it: nothing of other teams or generations. */
import { FencedOut, ForeignOwner, WrongState } from '../../src/core/errors';
import { startLab, type Lab } from '../support/world';
import { MADE, PreparedSide } from './created-scene';

let lab: Lab;
let side: PreparedSide;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  side = await PreparedSide.open(lab);
});
afterEach(() => side.close());

const by = (epoch: number, generation = 1) => ({
  ...{ owner: 'control-plane-1', migration: 'move', generation, epoch },
});
const tables = async () =>
  (
    await side.database.sql<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
       WHERE relkind IN ('r', 'v') AND relnamespace::regnamespace::text IN ('shop', 'made', 'theirs') ORDER BY 1`,
    )
  ).map(({ name }) => name);

describe('created objects', () => {
  /** Creates the tables; in the middle, another team commits its own statements. */
  const createWhile = async (statements: string, ...rest: readonly string[]) => {
    const other = await side.database.session('superuser');
    await other.query('SELECT pg_advisory_lock(42)');
    const created = side.create(
      by(1),
      'CREATE SCHEMA made; CREATE TABLE made.t (id int PRIMARY KEY)',
      'SELECT pg_advisory_xact_lock(42)',
      ...rest,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await other.query(statements);
    await other.query('SELECT pg_advisory_unlock(42)');
    await created;
  };

  beforeEach(() => side.installer.register(by(1), [MADE], 'sluice_worker'));

  test('that others create while the schema files run stay', async () => {
    await createWhile(
      'CREATE SCHEMA theirs; CREATE TABLE theirs.t (id int PRIMARY KEY); CREATE VIEW theirs.v AS SELECT 1',
    );
    await side.installer.uninstall(by(2));
    expect(await tables()).toEqual(['t', 'theirs.t', 'theirs.v']);
  });

  test('of others stay although the schema files alter them', async () => {
    await createWhile(
      'CREATE SCHEMA theirs; CREATE TABLE theirs.t (id int PRIMARY KEY); GRANT ALL ON SCHEMA theirs TO sluice_owner; ALTER TABLE theirs.t OWNER TO sluice_owner',
      'ALTER TABLE theirs.t ADD COLUMN v int; ALTER TABLE made.t ADD FOREIGN KEY (id) REFERENCES theirs.t',
    );
    await side.installer.uninstall(by(2));
    expect(await tables()).toEqual(['t', 'theirs.t']);
  });

  test('are dropped although a subtransaction created them', async () => {
    await side.create(
      by(1),
      'CREATE SCHEMA made; CREATE TABLE made.t (id int)',
      `DO $$ BEGIN CREATE TABLE made.inner (id int); EXCEPTION WHEN OTHERS THEN RAISE; END $$;
       DO $$ BEGIN BEGIN CREATE TABLE made.undone (id int); RAISE EXCEPTION 'undo'; EXCEPTION WHEN OTHERS THEN NULL; END;
       CREATE TABLE made.after (id int); END $$`,
    );
    expect(await tables()).toEqual(['made."inner"', 'made.after', 'made.t', 't']);
    await side.installer.uninstall(by(2));
    expect(await tables()).toEqual(['t']);
  });

  test('that others dropped and created again stay', async () => {
    await side.create(
      by(1),
      'CREATE SCHEMA made; CREATE TABLE made.t (id int); CREATE TABLE made.u (id int)',
    );
    await side.database.sql('DROP TABLE made.u; CREATE TABLE made.u (id int)');
    await side.installer.uninstall(by(2));
    expect(await tables()).toEqual(['made.u', 't']);
  });

  test('a right that was granted on a schema of the same name stays', async () => {
    const mayUse = () =>
      side.database.sql(`SELECT has_schema_privilege('sluice_worker', 'theirs', 'USAGE') AS may`);
    await side.database.sql(
      'CREATE SCHEMA theirs; GRANT ALL ON SCHEMA theirs TO sluice_owner WITH GRANT OPTION',
    );
    await side.create(
      by(1),
      'CREATE SCHEMA made; CREATE TABLE made.t (id int); CREATE TABLE theirs.u (id int)',
    );
    expect(await mayUse()).toEqual([{ may: true }]);
    await side.database.sql(
      'DROP SCHEMA theirs CASCADE; CREATE SCHEMA theirs; GRANT USAGE ON SCHEMA theirs TO sluice_worker',
    );
    await side.installer.uninstall(by(2));
    expect(await mayUse()).toEqual([{ may: true }]);
  });
});

describe('tables that were empty', () => {
  const T = { schema: 'shop', name: 't' };
  const rows = () => side.database.rows('shop.t');

  beforeEach(async () => {
    await side.installer.register(by(1), [T], 'sluice_worker');
    await side.darken(by(2));
    await side.copy(by(2), 'shop.t');
  });

  test('are emptied', async () => {
    expect(await side.installer.uninstall(by(3))).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  test('keep their rows once the guard was opened, even if it was closed again', async () => {
    await side.guard.setGuard(by(3), { state: 'open' });
    await expect(side.installer.uninstall(by(4))).rejects.toBeInstanceOf(WrongState);
    const darken = (epoch: number) => side.guard.setGuard(by(epoch), { state: 'dark' });
    await expect(darken(5)).rejects.toThrow('serve the application');
    // Leases that the refusal does not see, as if another call had removed them.
    await side.database.sql(`UPDATE sluice.lease SET scope = 'other' || scope`);
    await darken(5);
    await side.database.sql(`UPDATE sluice.lease SET scope = substr(scope, 6)`);
    expect(await side.installer.uninstall(by(6))).toEqual(['shop.t']);
    expect(await rows()).toEqual(['(7)']);
  });

  test('between the flip and the opening, a late removal of an older epoch or generation changes nothing', async () => {
    const { database } = side;
    // The seal of a live cutover: the leases are closed under a newer epoch.
    await database.sql(`UPDATE sluice.guard SET epoch = 5, generation = 2`);
    await expect(side.installer.uninstall(by(4, 2))).rejects.toBeInstanceOf(FencedOut);
    await expect(side.installer.uninstall(by(9, 1))).rejects.toBeInstanceOf(FencedOut);
    expect(await rows()).toEqual(['(7)']);
  });

  test('keep the rows of a table that others dropped and created again', async () => {
    await side.database.sql(`DROP TABLE shop.t; CREATE TABLE shop.t (id int); INSERT INTO shop.t VALUES (1)`);
    expect(await side.installer.uninstall(by(3))).toEqual(['shop.t']);
    expect(await rows()).toEqual(['(1)']);
  });

  test('the next generation notes them again', async () => {
    // Another migration keeps the schema, so the removed guard stays.
    await side.installer.register({ ...by(1), migration: 'other' }, [], 'sluice_worker');
    await side.installer.uninstall(by(3));
    await side.installer.register(by(4, 2), [T], 'sluice_worker');
    await side.database.sql('INSERT INTO shop.t VALUES (1)');
    await side.darken(by(5, 2));
    await side.copy(by(5, 2), 'shop.t');
    expect(await side.installer.uninstall(by(6, 2))).toEqual(['shop.t']);
    expect(await rows()).toEqual(['(1)', '(7)']);
  });
});

describe('a removed guard', () => {
  const T = { schema: 'shop', name: 't' };
  beforeEach(async () => {
    await side.installer.register({ ...by(1), migration: 'other' }, [], 'sluice_worker');
    await side.installer.register(by(1), [T], 'sluice_worker');
    await side.installer.uninstall(by(5));
  });

  test('refuses older calls, and is removed only once', async () => {
    await expect(side.installer.register(by(4, 2), [T], 'sluice_worker')).rejects.toBeInstanceOf(FencedOut);
    await expect(side.guard.setGuard(by(4), { state: 'dark' })).rejects.toBeInstanceOf(FencedOut);
    await expect(side.guard.setGuard(by(6), { state: 'dark' })).rejects.toBeInstanceOf(WrongState);
    await expect(side.installer.uninstall(by(4))).rejects.toBeInstanceOf(FencedOut);
    expect(await side.installer.uninstall(by(6))).toEqual([]);
    expect(await side.guard.readGuard(by(5))).toBeNull();
  });

  test('is taken over by a newer generation, and not by the same one', async () => {
    await expect(side.installer.register(by(6), [T], 'sluice_worker')).rejects.toBeInstanceOf(WrongState);
    await side.installer.register(by(6, 2), [T], 'sluice_worker');
    expect(await side.guard.readGuard(by(6))).toMatchObject({ state: 'open', epoch: 6 });
  });

  test('leaves the tables to another control plane', async () => {
    await side.installer.register({ ...by(1), owner: 'control-plane-2' }, [T], 'sluice_worker');
    await expect(side.installer.register(by(6, 2), [T], 'sluice_worker')).rejects.toBeInstanceOf(
      ForeignOwner,
    );
  });

  test('of a side that was never registered refuses a late registration', async () => {
    const never = { ...by(3), migration: 'never' };
    await side.installer.uninstall(never);
    await expect(
      side.installer.register({ ...never, epoch: 2 }, [T], 'sluice_worker'),
    ).rejects.toBeInstanceOf(FencedOut);
    await expect(side.installer.register(never, [T], 'sluice_worker')).rejects.toBeInstanceOf(WrongState);
  });
});

describe('a registration', () => {
  const names = (...some: string[]) => some.map((name) => ({ schema: 'shop', name }));

  test('is refused for tables of other guards, all at once, with their owners', async () => {
    const prod = await PreparedSide.open(lab, 'prod', side.database);
    await prod.installer.register({ ...by(3), owner: 'control-plane-2' }, names('a', 'b'), 'sluice_worker');
    await side.installer.register({ ...by(2), migration: 'other' }, names('c'), 'sluice_worker');
    const refused: unknown = await side.installer
      .register(by(1), names('a', 'b', 'c', 'd'), 'sluice_worker')
      .catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(ForeignOwner);
    expect((refused as Error).message).toContain(
      'shop.a, shop.b by control plane control-plane-2, environment prod, as the target of migration move, generation 1, epoch 3; ' +
        'shop.c by control plane control-plane-1, environment test, as the target of migration other, generation 1, epoch 2',
    );
    expect(await side.guard.readGuard(by(1))).toBeNull();
    await expect(side.installer.register(by(1), names('c', 'd'), 'sluice_worker')).rejects.toBeInstanceOf(
      WrongState,
    );
    await prod.close();
  });

  test('is refused with other tables than the first one of the generation', async () => {
    await side.installer.register(by(1), names('a', 'b'), 'sluice_worker');
    await side.installer.register(by(2), names('b', 'a'), 'sluice_worker');
    await expect(side.installer.register(by(2), names('a', 'c'), 'sluice_worker')).rejects.toThrow(
      'shop.b, shop.c differ',
    );
  });

  test('of a newer generation is refused while the older one has its guard', async () => {
    await side.installer.register(by(1), names('a'), 'sluice_worker');
    await expect(side.installer.register(by(2, 2), names('a'), 'sluice_worker')).rejects.toBeInstanceOf(
      WrongState,
    );
  });
});
