/** A database in which an older version of Sluice is installed, whose tables do not know sides. */
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { WrongState } from '../../src/core/errors';
import { pooledDatabase } from '../support/pg-database';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const REMEDY =
  /schema sluice was installed by an older version: its tables have no column side\. Abort the migrations that use it with the version that started them/;

test('is left as it is, and every call says what to do', async () => {
  const { source } = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
  await source.sql(`SET ROLE sluice_owner; CREATE SCHEMA sluice; GRANT USAGE ON SCHEMA sluice TO sluice_worker;
    CREATE TABLE sluice.guard (migration text PRIMARY KEY, epoch bigint NOT NULL, state text NOT NULL, deadline timestamptz);
    INSERT INTO sluice.guard VALUES ('move', 7, 'sealed')`);
  const before = await source.schema();
  const [owner, worker] = [
    pooledDatabase(source.as('sluice_owner')),
    pooledDatabase(source.as('sluice_worker')),
  ];
  const installer = new DatabaseInstaller(owner, 'source');
  const guard = new DatabaseGuard(worker, 'source');
  const calls: (() => Promise<unknown>)[] = [
    () => installer.install('sluice_worker'),
    () => installer.uninstall('move'),
    () => installer.stopCapture('move'),
    () => guard.readGuard('move'),
    () => guard.revoke('move', 8),
  ];
  for (const call of calls) {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WrongState);
    expect((error as Error).message).toMatch(REMEDY);
  }
  expect(await source.schema()).toEqual(before);
  expect(await source.rows('sluice.guard')).toEqual(['(move,7,sealed,)']);
  await Promise.all([owner.close(), worker.close()]);
});
