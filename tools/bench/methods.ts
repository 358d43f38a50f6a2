/** The methods of moving a table that the benchmark compares. Each fills an empty table that has its primary key. */
import { pipeline } from 'node:stream/promises';
import {
  BatchExecuteStatementCommand,
  ExecuteStatementCommand,
  RDSDataClient,
} from '@aws-sdk/client-rds-data';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { contextOf, type World } from '../../src/core/world';
import { claim } from './claim';
import { clean } from '../../src/core/stages/clean';
import { fence } from '../../src/core/stages/fence';
import { nextWave } from '../../src/core/backfill/next-wave';
import { plan } from '../../src/core/stages/plan';
import { prepare } from '../../src/core/stages/prepare';
import { reopen } from '../../src/core/stages/reopen';
import { revoke } from '../../src/core/stages/revoke';
import type { BenchTable } from './definition';
import type { Lanes } from './lanes';
import type { Scene } from './scene';

export interface Measured {
  readonly rows: number;
  readonly seconds: number;
}

export interface RelayMeasured extends Measured {
  readonly planSeconds: number;
  readonly rssBytesMax: number;
}

const seconds = (since: bigint): number => Number(process.hrtime.bigint() - since) / 1e9;

/** The upper bound for any client: one server's binary COPY piped into the other's. */
export async function binaryCopyPipe(scene: Scene, table: BenchTable): Promise<Measured> {
  const [source, target] = [new Client(scene.urls.source), new Client(scene.urls.target)];
  await Promise.all([source.connect(), target.connect()]);
  try {
    const started = process.hrtime.bigint();
    await pipeline(
      source.query(copyTo(`COPY public.${table} TO STDOUT (FORMAT binary)`)),
      target.query(copyFrom(`COPY public.${table} FROM STDIN (FORMAT binary)`)),
    );
    const elapsed = seconds(started);
    const { rows } = await target.query<{ count: string }>(`SELECT count(*) FROM public.${table}`);
    return { rows: Number(rows[0]!.count), seconds: elapsed };
  } finally {
    await target.query(`TRUNCATE public.${table}`);
    await Promise.all([source.end(), target.end()]);
  }
}

/** The loop that a Data API user would write: read a page of 1,000 rows, then insert them in one batch. */
export async function batchExecuteLoop(scene: Scene, world: World, rowsMax: number): Promise<Measured> {
  const client = new RDSDataClient({
    endpoint: scene.environment.AWS_ENDPOINT_URL_RDS_DATA!,
    region: scene.environment.AWS_REGION!,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const [source, target] = [world.definition.source.bench!, world.definition.target.bench!];
  const columns = ['id', 'customer_id', 'status', 'amount', 'note', 'placed_at', 'reference', 'paid'];
  const casts = ['bigint', 'integer', 'text', 'numeric', 'text', 'timestamptz', 'uuid', 'boolean'];
  const values = columns.map((name, index) => `CAST(:${name} AS ${casts[index]})`).join(', ');
  const started = process.hrtime.bigint();
  let [rows, last] = [0, 0];
  while (rows < rowsMax) {
    const page = await client.send(
      new ExecuteStatementCommand({
        resourceArn: source.clusterArn,
        secretArn: source.workerSecretArn,
        database: source.database,
        sql: `SELECT ${columns.map((name) => `t.${name}::text`).join(', ')} FROM public.narrow AS t WHERE t.id > :last ORDER BY t.id LIMIT 1000`,
        parameters: [{ name: 'last', value: { longValue: last } }],
      }),
    );
    const records = page.records ?? [];
    if (records.length === 0) break;
    await client.send(
      new BatchExecuteStatementCommand({
        resourceArn: target.clusterArn,
        secretArn: target.ownerSecretArn,
        database: target.database,
        sql: `INSERT INTO public.narrow (${columns.join(', ')}) VALUES (${values})`,
        parameterSets: records.map((record) =>
          record.map((value, index) => ({ name: columns[index]!, value })),
        ),
      }),
    );
    rows += records.length;
    last = Number(records.at(-1)![0]!.stringValue);
  }
  const elapsed = seconds(started);
  client.destroy();
  await truncate(scene, 'narrow');
  return { rows, seconds: elapsed };
}

/** Sluice's method: claim, read, write under the lease, checkpoint, close. An abort then undoes everything. */
export async function relay(
  world: World,
  table: BenchTable,
  lanes: Lanes,
  execution: string,
): Promise<RelayMeasured> {
  const run = await claim(world, execution, 'bench');
  const context = contextOf(world, run);
  await world.control.finishStage(run.migration, run.generation, 'preflight');
  await prepare(context);
  await fence(context);
  const planning = process.hrtime.bigint();
  await plan(context);
  const planSeconds = seconds(planning);
  const started = process.hrtime.bigint();
  let [rows, rssBytesMax] = [0, 0];
  const next = () => nextWave(context, { purpose: 'copy' });
  for (let wave = await next(); wave.verdict === 'wave'; wave = await next()) {
    const copied = await lanes.copy(table, wave.items);
    rows += copied.rows;
    rssBytesMax = Math.max(rssBytesMax, copied.rssBytesMax);
  }
  const elapsed = seconds(started);
  const abort = { migration: run.migration, generation: run.generation, reason: 'bench' };
  await revoke(world, abort);
  await reopen(world, abort);
  await clean(world, abort);
  return { rows, seconds: elapsed, planSeconds, rssBytesMax };
}

async function truncate(scene: Scene, table: BenchTable): Promise<void> {
  const client = new Client(scene.urls.target);
  await client.connect();
  await client.query(`TRUNCATE public.${table}`);
  await client.end();
}
