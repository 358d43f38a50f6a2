/** The statements on the catalog through an SDK client and the Data API, with its parameters, types and limits. */
import { describeServer, describeTables } from '../../src/adapters/postgres/catalog';
import { DataApiDatabase } from '../../src/adapters/rds-data/data-api-database';
import { serviceFailure } from '../../src/adapters/rds-data/service-failure';
import { gatherFacts } from '../../src/adapters/postgres/facts';
import { defineMigration } from '../../src/core/definition/definition';
import { DataApiFixture, CLUSTER, SECRET } from 'local-aws/testing';
import { pgDatabase } from '../support/pg-database';
import { runSql } from 'local-aws';

let bench: DataApiFixture;
let database: DataApiDatabase;

beforeAll(async () => {
  bench = await DataApiFixture.start();
  database = new DataApiDatabase(bench.client, {
    clusterArn: CLUSTER,
    secretArn: SECRET,
    database: new URL(bench.url).pathname.slice(1),
  });
});
afterAll(() => bench.stop());

test('the catalog is described the same through the Data API as on a connection', async () => {
  await runSql(
    bench.url,
    `CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ('it''s :fine', '\\000');
     CREATE TABLE shop."odd :name" (id serial PRIMARY KEY, m shop.mood[], t text COLLATE "C", parent int REFERENCES shop."odd :name");
     INSERT INTO shop."odd :name" DEFAULT VALUES`,
  );
  const tables = ['odd :name', 'none'].map((name) => ({ schema: 'shop', name }));
  const described = await describeTables(database, tables);
  expect(described).toEqual(await describeTables(pgDatabase(bench.url), tables));
  expect(described[0]?.hasRows).toBe(true);
  expect(described[0]?.columns[1]?.value.enumLabels).toEqual(["it's :fine", '\\000']);
  expect(Object.keys((await describeServer(database)).settings)).toContain('DateStyle');
});

test('schema files run in a transaction of the Data API and leave nothing; a refused secret is reported', async () => {
  await runSql(bench.url, 'CREATE SCHEMA plain; CREATE TABLE plain.t (id int PRIMARY KEY)');
  const endpoint = {
    clusterArn: CLUSTER,
    database: 'app',
    ownerSecretArn: `${SECRET}-owner`,
    controlSecretArn: `${SECRET}-control`,
    workerSecretArn: `${SECRET}-worker`,
    verifierSecretArn: `${SECRET}-verifier`,
  };
  const unknown = new DataApiDatabase(bench.client, {
    clusterArn: CLUSTER,
    secretArn: `${SECRET}-unknown`,
    database: 'app',
  });
  const facts = await gatherFacts({
    owner: 'control-plane-1',
    definition: defineMigration({
      name: 'move',
      shape: 'offline',
      source: { test: endpoint },
      target: { test: endpoint },
      targetSchema: ['a.sql'],
      tables: [{ source: 'plain.t', target: 'made.t' }],
    }),
    environment: 'test',
    connect: (_, login) => (login === 'owner' ? database : unknown),
    readFile: async () => `CREATE SCHEMA made; CREATE TABLE made.t (id int PRIMARY KEY); -- :comment`,
    wait: async () => undefined,
    serviceFailure,
  });
  expect(facts.schema?.outcome).toBe('rehearsed');
  expect(facts.target.logins.owner.tables.get('made.t')?.columns).toHaveLength(1);
  expect(facts.target.logins.worker.server).toBeNull();
  expect(facts.target.logins.worker.unreachable?.code).toMatch(/Exception$/);
  expect(await runSql(bench.url, "SELECT FROM pg_namespace WHERE nspname = 'made'")).toEqual([]);
});

test('measuring large rows has a separate timeout', async () => {
  await runSql(
    bench.url,
    `CREATE SCHEMA large; CREATE TABLE large.t (id int PRIMARY KEY, a text, b bytea);
     ALTER TABLE large.t ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;
     INSERT INTO large.t VALUES (1, repeat('é', 400000), convert_to(repeat('x', 100000), 'UTF8'))`,
  );
  const endpoint = {
    clusterArn: CLUSTER,
    database: 'app',
    ownerSecretArn: SECRET,
    controlSecretArn: `${SECRET}-3`,
    workerSecretArn: `${SECRET}-2`,
    verifierSecretArn: `${SECRET}-4`,
  };
  const definition = defineMigration({
    name: 'move',
    shape: 'cdc',
    source: { test: endpoint },
    target: { test: endpoint },
    tables: [{ source: 'large.t', target: 'large.t' }],
  });
  const facts = await gatherFacts({
    owner: 'control-plane-1',
    definition,
    environment: 'test',
    connect: () => database,
    readFile: async () => '',
    wait: async () => undefined,
    serviceFailure,
  });
  expect(facts.rowSizes.get('large.t')).toEqual({ bytesMax: 800_000 + 200_002, complete: true });
  expect(facts.statements.get('large.t')?.characters).toBeGreaterThan(1_000);
  expect(facts.source.logins.worker.server?.otherApplications).toEqual([]);
});
