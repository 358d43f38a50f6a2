/** `sluice local` prints its endpoints, and after Ctrl-C during a migration no process and no file remains. */
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import orders from '../../migrations/orders';
import { freshDatabase, runSql, startTestPostgres } from 'local-aws/testing';
import { filesIn, listens, Local, makeScratch, processesIn, SLUICE } from './local-process';

const scratch = makeScratch();

const clientOptions = (variables: Readonly<Record<string, string>>) => ({
  region: variables['AWS_REGION']!,
  credentials: {
    accessKeyId: variables['AWS_ACCESS_KEY_ID']!,
    secretAccessKey: variables['AWS_SECRET_ACCESS_KEY']!,
  },
});

const stepFunctions = (variables: Readonly<Record<string, string>>): SFNClient =>
  new SFNClient({ endpoint: variables['AWS_ENDPOINT_URL_SFN']!, ...clientOptions(variables) });

/** Returns the size of a statement's only value, read through the Data API. */
async function bytesOfRow(variables: Readonly<Record<string, string>>, sql: string): Promise<number> {
  const client = new RDSDataClient({
    endpoint: variables['AWS_ENDPOINT_URL_RDS_DATA']!,
    ...clientOptions(variables),
  });
  const { clusterArn: resourceArn, workerSecretArn: secretArn, database } = orders.source['dev']!;
  const { records } = await client.send(
    new ExecuteStatementCommand({ resourceArn, secretArn, database, sql }),
  );
  client.destroy();
  return records?.[0]?.[0]?.stringValue?.length ?? 0;
}

async function startMigration(sfn: SFNClient): Promise<string> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand());
  const stateMachineArn = stateMachines.find(({ name }) => name?.endsWith('-Migration'))?.stateMachineArn;
  const input = '{"migration": "orders"}';
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  return executionArn!;
}

test('prints every endpoint, injects faults, and stops everything that it started', async () => {
  const faults = ['--faults', 'kill-lambda,lost-response'];
  const local = new Local(scratch, '--rows', '20000', '--seed', '1', '--row-limit', 'off', ...faults);
  try {
    const variables = await local.variables();
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining([
        'AWS_ACCESS_KEY_ID',
        'AWS_REGION',
        'AWS_ENDPOINT_URL_SFN',
        'SLUICE_SOURCE_URL',
      ]),
    );
    // The application can read its tables on the source.
    const rows = await runSql(
      variables['SLUICE_SOURCE_APP_URL']!,
      'SELECT count(*)::int AS rows, current_user::text AS login FROM public.orders',
    );
    expect(rows).toEqual([{ rows: 20_000, login: 'app' }]);
    expect(local.err).toContain(`--seed 1 --row-limit off ${faults.join(' ')}`);
    expect(await bytesOfRow(variables, 'select 1 || repeat($$x$$, 65536)')).toBe(65_537);
    const urls = Object.entries(variables).filter(([name]) => /URL/.test(name));
    // People see every address, and no password.
    for (const [name] of urls) expect(local.err).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    for (const [, url] of urls) {
      const { password } = new URL(url);
      if (password !== '') expect(local.err).not.toContain(password);
    }

    const sfn = stepFunctions(variables);
    await startMigration(sfn);
    sfn.destroy();
    await local.says(/^fault 2/m);
    expect(processesIn(scratch).length).toBeGreaterThan(3);

    local.signal();
    expect([await local.exited, local.err]).toEqual([[0, null], expect.stringMatching(/^ending$/m)]);
    for (const [name, url] of urls) expect([name, await listens(url)]).toEqual([name, false]);
    expect(processesIn(scratch)).toEqual([]);
    expect(filesIn(scratch)).toEqual([]);
  } finally {
    local.kill();
  }
}, 300_000);

describe('with databases of the user', () => {
  let server: Awaited<ReturnType<typeof startTestPostgres>>;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server.stop());

  test('moves existing tables, and leaves the databases running', async () => {
    const [source, target] = [await freshDatabase(server), await freshDatabase(server)];
    await runSql(
      source,
      `CREATE ROLE app_owner; CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app_owner; SET ROLE app_owner;
      SELECT set_config('sluice.rows', '700', false), set_config('sluice.seed', '1', false);
      ${readFileSync(join(SLUICE, '../../migrations/orders/rehearsal.sql'), 'utf8')}`,
    );
    await runSql(source, "UPDATE public.orders SET comment = 'of the user'");
    const local = new Local(scratch, '--rows', '20000', '--source-url', source, '--target-url', target);
    try {
      const variables = await local.variables();
      expect(variables).toMatchObject({ SLUICE_SOURCE_URL: source, SLUICE_TARGET_URL: target });
      const sfn = stepFunctions(variables);
      const executionArn = await startMigration(sfn);
      for (let status = 'RUNNING'; status === 'RUNNING'; await sleep(100)) {
        status = (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status!;
        expect(['RUNNING', 'SUCCEEDED']).toContain(status);
      }
      sfn.destroy();
      local.signal();
      expect(await local.exited).toEqual([0, null]);
    } finally {
      local.kill();
    }
    expect(
      await runSql(target, 'SELECT count(*)::int AS rows, min(remark), max(remark) FROM shop.orders'),
    ).toEqual([{ rows: 700, min: 'of the user', max: 'of the user' }]);
    expect(processesIn(scratch)).toEqual([]);
    expect(filesIn(scratch)).toEqual([]);
  }, 300_000);
});
