/** `npx sluice adopt` and `npx sluice forget`, through the Data API and DynamoDB, over the guards of another control plane. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  databaseUrl,
  type DynamoDb,
  forkDataApi,
  keyedTable,
  loginUrl,
  runSql,
  startDynamoDb,
  startTestPostgres,
  type StepFunctions,
  type TestPostgres,
} from 'local-aws/testing';
import { createForgetWorld } from '../../src/adapters/ownership-world';
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { controlTableName } from '../../src/contract/names';
import { LOGINS, secretField, type Login } from '../../src/contract/logins';
import type { Side } from '../../src/contract/sides';
import { databaseName } from '../../src/core/definition/same-database';
import { parseTableName } from '../../src/core/identifier';
import { ownershipOptions } from '../../src/cli/ownership';
import { decideForgetting } from '../../src/core/ownership/forget';
import orders from '../../migrations/orders';
import { pgDatabase } from '../support/pg-database';
import { LOGIN_NAMES, PASSWORD } from '../support/side';
import { ACCOUNT, REGION, startMachines, VARIABLES } from './deployed-machines';
import { run } from './support';

const [SOURCE, TARGET] = [orders.source['dev']!, orders.target['dev']!];
const COPY = {
  cluster: `${SOURCE.clusterArn}-copy`,
  secret: `${SOURCE.ownerSecretArn}-copy`,
  database: 'copy',
};
/** The control plane of an environment that shares the databases. */
const THEIRS = { owner: 'their-plane', migration: 'orders', generation: 4, epoch: 20 };

let directory: string;
let server: TestPostgres;
let dynamodb: DynamoDb;
let stepFunctions: StepFunctions;
let dataApi: Awaited<ReturnType<typeof forkDataApi>>;

/** A database with the mapped tables of both ends, and Sluice's logins. */
async function createDatabaseOf(name: string): Promise<void> {
  await runSql(server.superuserUrl, `CREATE DATABASE ${name} OWNER app_owner`);
  const names = orders.tables.flatMap(({ source, target }) => [source, target]);
  await runSql(
    databaseUrl(server.superuserUrl, name),
    `GRANT CREATE ON DATABASE ${name} TO sluice_owner; GRANT CREATE ON SCHEMA public TO app_owner;
     SET ROLE app_owner; CREATE SCHEMA IF NOT EXISTS shop;
     ${names.map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY); INSERT INTO ${table} VALUES (1)`).join('; ')};
     GRANT USAGE ON SCHEMA shop TO app; GRANT ALL ON ALL TABLES IN SCHEMA public, shop TO app`,
  );
}

const urlOf = (database: string, login: string): string =>
  loginUrl(databaseUrl(server.superuserUrl, database), login, PASSWORD);

/** Guards of the other control plane over a side's tables: the source open, the target dark. */
async function guardsIn(database: string, side: Side): Promise<void> {
  const owner = versionedDatabase(pgDatabase(urlOf(database, 'sluice_owner')));
  const installer = new DatabaseInstaller(owner, side, 'prod', {
    source: databaseName(orders.source['dev']!),
    target: databaseName(orders.target['dev']!),
  });
  await installer.install(LOGIN_NAMES);
  const tables = orders.tables.map((mapping) => parseTableName(mapping[side])!);
  await installer.register(THEIRS, tables, 'sluice_worker');
  const guard = new DatabaseGuard(versionedDatabase(pgDatabase(urlOf(database, 'sluice_control'))), side);
  const change =
    side === 'target' ? ({ state: 'dark' } as const) : ({ state: 'fenced', seconds: 600 } as const);
  await guard.setGuard({ ...THEIRS, epoch: THEIRS.epoch + 1 }, change);
}

const guards = (database: string) =>
  runSql(
    databaseUrl(server.superuserUrl, database),
    `SELECT side, owner, environment, state FROM sluice.guard WHERE state <> 'none' ORDER BY side`,
  );

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cli-test-'));
  server = await startTestPostgres();
  await runSql(
    server.superuserUrl,
    `CREATE ROLE app_owner; CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'; ${readFileSync('docs/guide/roles.sql', 'utf8')}`,
  );
  for (const database of ['shop', 'copy']) await createDatabaseOf(database);
  await guardsIn('shop', 'source');
  await guardsIn('shop', 'target');
  await guardsIn('copy', 'source');
  dynamodb = await startDynamoDb({
    directory,
    region: REGION,
    account: ACCOUNT,
    tables: [keyedTable(controlTableName('dev'))],
  });
  const at = { host: server.host, port: server.port };
  const secretOf = (login: Login) => ({ username: `sluice_${login}`, password: PASSWORD });
  dataApi = await forkDataApi({
    clusters: { [SOURCE.clusterArn]: at, [TARGET.clusterArn]: at, [COPY.cluster]: at },
    secrets: {
      ...Object.fromEntries(
        [SOURCE, TARGET].flatMap((end) => LOGINS.map((login) => [end[secretField(login)], secretOf(login)])),
      ),
      [COPY.secret]: secretOf('owner'),
    },
  });
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  stepFunctions = await startMachines({ Type: 'Succeed' });
  Object.assign(process.env, VARIABLES, {
    AWS_ENDPOINT_URL_SFN: stepFunctions.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_RDS_DATA: dataApi.url,
  });
});

afterAll(async () => {
  await dataApi.close();
  await dynamodb.close();
  await stepFunctions.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const ADOPT = ['adopt', 'orders', '--person', 'Ada'];
const FORGET = ['forget', 'orders', '--person', 'Ada', '--side', 'source'];
const OF_COPY = ['--cluster', COPY.cluster, '--secret', COPY.secret, '--database', COPY.database];

test('refuses a wrong command line with every problem', async () => {
  const adopt = await run(['adopt', 'Orders']);
  expect([adopt.code, adopt.err]).toEqual([2, expect.stringMatching(/Orders(.|\n)*--person is missing/)]);
  const forget = await run(['forget', 'orders', '--cluster', 'x']);
  expect(forget.code).toBe(2);
  for (const problem of [/--side is missing/, /--person is missing/, /--secret and --database missing/])
    expect(forget.err).toMatch(problem);
  expect((await run([...FORGET.slice(0, -1), 'both'])).err).toContain(
    '--side is "both"; use source or target',
  );
});

test('names an environment without endpoints', async () => {
  const { code, err } = await run([...ADOPT, '--env', 'nowhere']);
  expect([code, err]).toEqual([1, expect.stringMatching(/orders has no source for environment nowhere/)]);
});

test('adopt shows whose guards it found and changes nothing; with --yes it adopts them, once', async () => {
  const before = await guards('shop');
  const shown = await run(ADOPT);
  expect(shown.code).toBe(3);
  expect(shown.out).toMatch(
    /source +fenced, of control plane their-plane, environment prod, generation 4, epoch 21/,
  );
  expect(shown.out).toMatch(/target +dark, of control plane their-plane/);
  expect(shown.out).toContain('ledger  no record');
  expect(shown.out).toMatch(/Takes migration orders from control plane their-plane, environment prod/);
  expect(shown.out).toContain('nothing was changed; to do this, repeat the command with --yes');
  expect(await guards('shop')).toEqual(before);

  const adopted = await run([...ADOPT, '--yes', '--json']);
  expect([adopted.code, adopted.err]).toEqual([0, expect.stringContaining('Ada adopted migration orders')]);
  const result = JSON.parse(adopted.out) as { found: { owner: string } };
  expect(result).toMatchObject({ changed: true, decision: { kind: 'adopt', generation: 4, epoch: 1_021 } });
  expect(await guards('shop')).toEqual([
    { side: 'source', owner: result.found.owner, environment: 'dev', state: 'fenced' },
    { side: 'target', owner: result.found.owner, environment: 'dev', state: 'dark' },
  ]);

  const again = await run([...ADOPT, '--yes']);
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('nothing to do')]);
  const status = await run(['status', 'orders']);
  expect(status.out).toMatch(/status: +held: Ada adopted the migration/);
  expect(status.out).toMatch(/ adopted$/m);
});

test.each(['resume', 'upgrade'])('after the adoption, %s names the abort as the remedy', async (verb) => {
  const { code, err } = await run([verb, 'orders']);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/restored or recreated.* void.*Abort the migration/),
  ]);
});

test("forget refuses this control plane's migration", async () => {
  const { code, err } = await run([...FORGET, '--yes', '--json']);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/nothing was changed:(.|\n)*npx sluice abort orders/),
  ]);
  expect(await guards('shop')).toHaveLength(2);
});

test('forget refuses a database that the generation started with, also if the definition names another one now', async () => {
  const { clusterArn, database, ownerSecretArn } = SOURCE;
  const moved = { ...SOURCE, clusterArn: COPY.cluster, ownerSecretArn: COPY.secret, database: COPY.database };
  const definition = { ...orders, source: { ...orders.source, dev: moved } };
  const options = { ...ownershipOptions({ migration: 'orders', environment: 'dev' }), definition };
  const endpoint = { clusterArn, database, ownerSecretArn };
  const { decision } = await decideForgetting(await createForgetWorld(options, 'source', endpoint));
  expect(decision).toMatchObject({ kind: 'refused', problems: [{ check: 'not-in-use' }] });
});

test('forget shows the guards of a copy and changes nothing; with --yes it opens the copy, once', async () => {
  const write = () => runSql(urlOf('copy', 'app'), 'UPDATE public.orders SET id = id');
  await expect(write()).rejects.toThrow(/guards it/);
  const foreign = await run([...FORGET, ...OF_COPY]);
  expect([foreign.code, foreign.err]).toEqual([
    1,
    expect.stringMatching(/not of environment dev: .*--env prod.*--owner their-plane \[own-environment\]/),
  ]);
  const ofCopy = [...FORGET, ...OF_COPY, '--owner', THEIRS.owner];
  const lost = await run([...ofCopy, '--original-is-lost']);
  expect([lost.code, lost.err]).toEqual([
    1,
    expect.stringMatching(/can be reached.*without --original-is-lost/),
  ]);
  const shown = await run(ofCopy);
  expect([shown.code, shown.out]).toEqual([3, expect.stringMatching(/Opens the source .*public\.orders/)]);
  await expect(write()).rejects.toThrow(/guards it/);
  const done = await run([...ofCopy, '--yes']);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('it accepts writes')]);
  await write();
  expect(await runSql(urlOf('copy', 'app'), 'SELECT id FROM public.orders')).toEqual([{ id: 1 }]);
  const again = await run([...ofCopy, '--yes']);
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('nothing to do')]);
  expect(await guards('shop')).toHaveLength(2);
});
