import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DataApiDatabase } from '../../src/adapters/rds-data/data-api-database';
import { addressOf, createWorld } from '../../src/adapters/world';
import type { World } from '../../src/core/world';
import { benchDefinition, type BenchTable } from './definition';
import { Lanes } from './lanes';
import { atLeast, atMost, machine, methodOf, type BenchReport, type Figure } from './report';
import { openScene, type Scene } from './scene';
import { BENCH_TABLE } from './scene-names';
import { batchExecuteLoop, binaryCopyPipe, relay, type Measured, type RelayMeasured } from './methods';

export interface CopyBenchOptions {
  /** 300,000 rows and one run per method; otherwise 2 million rows, and 500,000 against 5 million. */
  readonly quick: boolean;
  readonly log: (line: string) => void;
}

/** Any credentials will do: the local services do not verify signatures. */
const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const LANES = 4;
const ROWS_PER_CHUNK = 50_000;
const NAIVE_ROWS = 20_000;
const BYTES_PER_MEGABYTE = 1024 * 1024;

const rate = ({ rows, seconds }: Measured): number => rows / seconds;

/** Compares all methods, alternating between them in one run. */
export async function benchCopy({ quick, log }: CopyBenchOptions): Promise<BenchReport> {
  const bench = new CopyBench(log);
  const main = await bench.compare(quick ? 300_000 : 2_000_000, quick ? 1 : 3);
  const figures: Figure[] = [
    atLeast('relay_over_copy', main.relayOverCopy, 0.4),
    atLeast('relay_over_naive', main.relayOverNaive, 10),
    atMost('copier_rss_mb', bench.rssBytesMax / BYTES_PER_MEGABYTE, 256),
  ];
  if (!quick) {
    const small = await bench.scale(500_000);
    const large = await bench.scale(5_000_000);
    figures.push(atLeast('flatness', rate(large) / rate(small), 0.9), atMost('plan_s', large.planSeconds, 2));
    figures[2] = atMost('copier_rss_mb', bench.rssBytesMax / BYTES_PER_MEGABYTE, 256);
  }
  return {
    command: quick ? 'bench copy --quick' : 'bench copy',
    machine: machine(),
    methods: main.methods,
    figures,
  };
}

class CopyBench {
  rssBytesMax = 0;
  private runs = 0;

  constructor(private readonly log: (line: string) => void) {}

  async compare(rows: number, runs: number) {
    return this.on(rows, async (scene, lanes) => {
      const [narrow, wide] = [worldOf('narrow', scene), worldOf('wide', scene)];
      const rates = { copy: [], relay: [], copyWide: [], relayWide: [], naive: [] } as Record<
        string,
        number[]
      >;
      for (let round = 0; round < runs; round += 1) {
        rates.copy!.push(rate(await this.note('binary COPY pipe', binaryCopyPipe(scene, 'narrow'))));
        rates.relay!.push(rate(await this.note('Sluice', this.relay(narrow, 'narrow', lanes))));
        rates.copyWide!.push(rate(await this.note('binary COPY pipe, wide', binaryCopyPipe(scene, 'wide'))));
        rates.relayWide!.push(rate(await this.note('Sluice, wide', this.relay(wide, 'wide', lanes))));
        rates.naive!.push(
          rate(await this.note('BatchExecuteStatement loop', batchExecuteLoop(scene, narrow, NAIVE_ROWS))),
        );
      }
      const methods = [
        methodOf('binary COPY pipe', 'rows/s', rates.copy!),
        methodOf('Sluice through the Data API', 'rows/s', rates.relay!),
        methodOf('BatchExecuteStatement loop', 'rows/s', rates.naive!),
        methodOf('binary COPY pipe, wide rows', 'rows/s', rates.copyWide!),
        methodOf('Sluice through the Data API, wide rows', 'rows/s', rates.relayWide!),
      ];
      return {
        methods,
        relayOverCopy: methods[1]!.median / methods[0]!.median,
        relayOverNaive: methods[1]!.median / methods[2]!.median,
      };
    });
  }

  async scale(rows: number): Promise<RelayMeasured> {
    return this.on(rows, async (scene, lanes) =>
      this.note(`Sluice, ${rows} rows`, this.relay(worldOf('narrow', scene), 'narrow', lanes)),
    );
  }

  private async on<T>(rows: number, work: (scene: Scene, lanes: Lanes) => Promise<T>): Promise<T> {
    this.log(`seeding ${rows} rows`);
    const scene = await openScene(rows);
    const lanes = Lanes.open(LANES, scene.environment);
    try {
      return await work(scene, lanes);
    } finally {
      await lanes.close();
      await scene.close();
    }
  }

  private async relay(world: World, table: BenchTable, lanes: Lanes): Promise<RelayMeasured> {
    this.runs += 1;
    const measured = await relay(
      world,
      table,
      lanes,
      `arn:aws:states:eu-west-1:111122223333:execution:bench:${this.runs}`,
    );
    this.rssBytesMax = Math.max(this.rssBytesMax, measured.rssBytesMax);
    return measured;
  }

  private async note<T extends Measured>(name: string, measuring: Promise<T>): Promise<T> {
    const measured = await measuring;
    this.log(
      `${name}: ${measured.rows} rows in ${measured.seconds.toFixed(1)} s, ${Math.round(rate(measured))} rows/s`,
    );
    return measured;
  }
}

/** Uses its own clients: the shared ones would keep the endpoints of the first scene. */
function worldOf(table: BenchTable, { environment }: Scene): World {
  const rdsData = new RDSDataClient({
    endpoint: environment.AWS_ENDPOINT_URL_RDS_DATA!,
    region: environment.AWS_REGION!,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  const dynamodb = new DynamoDBClient({
    endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB!,
    region: environment.AWS_REGION!,
    credentials: CREDENTIALS,
  });
  return createWorld({
    definition: benchDefinition(table, ROWS_PER_CHUNK),
    environment: 'bench',
    controlTable: BENCH_TABLE,
    assetDirectory: '.',
    clients: {
      dynamodb: DynamoDBDocumentClient.from(dynamodb),
      connect: (endpoint, login) => new DataApiDatabase(rdsData, addressOf(endpoint, login)),
    },
  });
}
