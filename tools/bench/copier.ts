/** A process that copies chunks with the deployed function's code; the benchmark forks one per lane. */
import type { ChunkItem } from '../../src/contract/payloads';
import { createWorld } from '../../src/adapters/world';
import { copyItem } from '../../src/core/backfill/copy-item';
import { benchDefinition, type BenchTable } from './definition';
import { BENCH_TABLE } from './scene-names';

export interface CopyOrder {
  readonly table: BenchTable;
  readonly item: ChunkItem;
}

export interface CopyReceipt {
  readonly rows: number;
  readonly rssBytesMax: number;
  readonly failure: string | null;
}

const FOREVER_MS = 900_000;

async function copy({ table, item }: CopyOrder): Promise<CopyReceipt> {
  const rss = () => process.resourceUsage().maxRSS * 1024;
  try {
    const world = createWorld({
      definition: benchDefinition(table, 100),
      environment: 'bench',
      controlTable: BENCH_TABLE,
      assetDirectory: '.',
    });
    const { progress } = await copyItem(world, item, () => FOREVER_MS);
    return { rows: progress.rows, rssBytesMax: rss(), failure: null };
  } catch (error) {
    return {
      rows: 0,
      rssBytesMax: rss(),
      failure: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
    };
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', (order: CopyOrder) => {
  void copy(order).then((receipt) => process.send?.(receipt));
});
