/** A generation continues with the functions that it installed; code that cannot call them is refused. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createWorld } from '../../src/adapters/world';
import { WrongState } from '../../src/core/errors';
import { TABLE_NAME } from '../support/control-table';
import { type Lab, startLab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const TABLES = { tables: 'CREATE TABLE t (id int PRIMARY KEY)', seed: 'INSERT INTO t VALUES (1)' };

test('code that cannot call the installed functions is refused before it acts', async () => {
  const trial = await lab.trial(TABLES);
  await trial.begin();
  await trial.walk('prepare');
  const record = await trial.control.recordOrFail(trial.name);
  const Item = { ...record, pk: trial.name, sk: 'migration', installed: 9 };
  await lab.dynamodb.send(new PutCommand({ TableName: TABLE_NAME, Item }));
  await expect(trial.open()).rejects.toThrow(
    new WrongState(
      `generation 1 of migration ${trial.name} installed functions of version 9, and this code calls versions 1. Run its steps with code version ${record.code}`,
    ),
  );
});

test('every statement of a world calls the functions of the generation', async () => {
  const trial = await lab.trial(TABLES);
  const called: string[] = [];
  const world = createWorld({
    ...{ definition: trial.definition, environment: 'test', controlTable: TABLE_NAME, assetDirectory: '.' },
    installed: 7,
    clients: {
      dynamodb: lab.dynamodb,
      connect: () => ({
        query: async (sql) => {
          called.push(...(sql.match(/sluice\.\w+_v\d+/g) ?? []));
          return [{ installed: true, older: false }];
        },
        rehearse: () => Promise.reject(new Error('nothing is rehearsed here')),
      }),
    },
  });
  const authority = { owner: 'o', migration: trial.name, generation: 1, epoch: 1 };
  await world.ends.source.guard.revoke(authority);
  await world.ends.target.leases.closeAll(authority);
  await world.ends.target.installer.uninstall(authority);
  expect(called).toEqual(['sluice.revoke_leases_v7', 'sluice.close_leases_v7', 'sluice.uninstall_v7']);
});

test("the server's own check finds nothing wrong with their bodies", async () => {
  const trial = await lab.trial(TABLES);
  await trial.begin();
  await trial.walk('prepare');
  const checked = await trial.target.sql(`
    SELECT p.proname, CASE l.lanname WHEN 'sql' THEN fmgr_sql_validator(p.oid) ELSE plpgsql_validator(p.oid) END AS checked
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang WHERE p.pronamespace = 'sluice'::regnamespace`);
  expect(checked.length).toBeGreaterThan(40);
});
