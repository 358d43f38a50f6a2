/** Two databases with rows to move, and the services that Sluice's code calls. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOGINS, secretField } from '../../src/contract/logins';
import type { Side } from '../../src/contract/sides';
import { forkDataApi, keyedTable, startDynamoDb } from 'local-aws/testing';
import { LOCAL_CREDENTIALS, createDatabase, startPostgres } from 'local-aws';
import { SLUICE, seed } from '../../src/rehearsal/seed';
import { benchDefinition } from './definition';
import { BENCH_TABLE } from './scene-names';

export interface Scene {
  /** URLs of the superuser. */
  readonly urls: Readonly<Record<Side, string>>;
  /** Environment variables with which a process runs Sluice's code against this scene. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';
const PASSWORD = 'bench';
const PASSWORDS = {
  app: PASSWORD,
  [SLUICE.owner]: PASSWORD,
  [SLUICE.control]: PASSWORD,
  [SLUICE.worker]: PASSWORD,
  [SLUICE.verifier]: PASSWORD,
};

/** Starts all services and fills the source. Servers keep PostgreSQL's default durability. */
export async function openScene(rows: number): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  chmodSync(directory, 0o755);
  const closers: (() => Promise<void> | void)[] = [() => rmSync(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const open = async (side: Side) => {
      const server = await startPostgres({ directory: join(directory, side) });
      closers.push(() => server.stop());
      const url = await createDatabase(server.superuserUrl, 'bench');
      await seed({
        adminUrl: url,
        side,
        tables: ['public.narrow', 'public.wide'],
        directory: join(__dirname, 'scene'),
        rows,
        seed: 1,
        rolesFile: join(__dirname, '..', '..', 'docs', 'guide', 'roles.sql'),
        passwords: PASSWORDS,
        sharedServer: false,
      });
      return { url, host: server.host, port: server.port };
    };
    const [source, target] = await Promise.all([open('source'), open('target')]);
    return {
      urls: { source: source.url, target: target.url },
      environment: await openServices(directory, { source, target }, closers),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openServices(
  directory: string,
  servers: Readonly<Record<Side, { host: string; port: number }>>,
  closers: (() => Promise<void> | void)[],
): Promise<Record<string, string>> {
  const { source, target } = benchDefinition('narrow', 100);
  const [left, right] = [source.bench!, target.bench!];
  const dataApi = await forkDataApi({
    clusters: { [left.clusterArn]: servers.source, [right.clusterArn]: servers.target },
    secrets: Object.fromEntries(
      [left, right].flatMap((end) =>
        LOGINS.map((login) => [end[secretField(login)], { username: SLUICE[login], password: PASSWORD }]),
      ),
    ),
  });
  closers.push(() => dataApi.close());
  const dynamodb = await startDynamoDb({
    directory: join(directory, 'dynamodb'),
    region: REGION,
    account: ACCOUNT,
    tables: [keyedTable(BENCH_TABLE)],
  });
  closers.push(() => dynamodb.close());
  return {
    ...LOCAL_CREDENTIALS,
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_RDS_DATA: dataApi.url,
  };
}
