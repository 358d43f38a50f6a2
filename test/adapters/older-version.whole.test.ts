/** A database in which an older version of Sluice is installed, whose tables lack columns. */
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { WrongState } from '../../src/core/errors';
import { pooledDatabase } from '../support/pg-database';
import { startLab, type Lab } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const AUTHORITY = { owner: 'control-plane-1', migration: 'move', generation: 1, epoch: 8 };
const REMEDY =
  /schema sluice was installed by an older version: its table guard has no column worker\. Abort the migrations that use it with the version that started them/;

test.each([
  ['guards do not have a side', ''],
  ['guards do not have an owner', `, side text NOT NULL DEFAULT 'source'`],
  [
    'guards do not have functions of their own',
    `, side text NOT NULL DEFAULT 'source', owner text NOT NULL DEFAULT 'x'`,
  ],
  [
    'guards do not name the login that passes them',
    `, side text NOT NULL DEFAULT 'source', owner text NOT NULL DEFAULT 'x', id bigint NOT NULL DEFAULT 1`,
  ],
])('a version whose %s is left unchanged, and every call names the remedy', async (_what, columns) => {
  const { source } = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
  await source.sql(`SET ROLE sluice_owner; CREATE SCHEMA sluice; GRANT USAGE ON SCHEMA sluice TO sluice_control;
    CREATE TABLE sluice.guard (migration text PRIMARY KEY, epoch bigint NOT NULL, state text NOT NULL, deadline timestamptz${columns});
    CREATE TABLE sluice.lease (scope text PRIMARY KEY, life bigint NOT NULL DEFAULT 0);
    INSERT INTO sluice.guard VALUES ('move', 7, 'sealed')`);
  const before = await source.schema();
  const [owner, control] = [
    pooledDatabase(source.as('sluice_owner')),
    pooledDatabase(source.as('sluice_control')),
  ];
  const installer = new DatabaseInstaller(versionedDatabase(owner), 'source', 'test');
  const guard = new DatabaseGuard(versionedDatabase(control), 'source');
  const calls: (() => Promise<unknown>)[] = [
    () => installer.install(LOGIN_NAMES),
    () => installer.uninstall(AUTHORITY),
    () => installer.stopCapture(AUTHORITY),
    () => guard.readGuard(AUTHORITY),
    () => guard.revoke(AUTHORITY),
  ];
  for (const call of calls) {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WrongState);
    expect((error as Error).message).toMatch(REMEDY);
  }
  expect(await source.schema()).toEqual(before);
  expect(await source.rows('sluice.guard')).toHaveLength(1);
  await Promise.all([owner.close(), control.close()]);
});
