import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { ChunkItem } from '../../src/contract/payloads';
import type { CopyOrder, CopyReceipt } from './copier';
import type { BenchTable } from './definition';

/** The heap of the deployed copier, in MB: exceeding it must fail here too. */
const HEAP_MEGABYTES = 1769;

/** Copier processes, bundled like the functions, each copying one chunk at a time. */
export class Lanes {
  private constructor(
    private readonly directory: string,
    private readonly children: readonly ChildProcess[],
  ) {}

  static open(count: number, environment: Readonly<Record<string, string>>): Lanes {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-copier-'));
    const outfile = join(directory, 'copier.js');
    buildSync({
      entryPoints: [join(__dirname, 'copier.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      keepNames: true,
      loader: { '.sql': 'text' },
      logLevel: 'silent',
    });
    const children = Array.from({ length: count }, () =>
      fork(outfile, {
        env: { PATH: process.env.PATH, ...environment },
        execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`, '--no-warnings'],
      }),
    );
    return new Lanes(directory, children);
  }

  /** Copies every chunk. @returns rows copied, and the largest memory of any copier in bytes */
  async copy(table: BenchTable, items: readonly ChunkItem[]): Promise<{ rows: number; rssBytesMax: number }> {
    const waiting = [...items];
    let rows = 0;
    let rssBytesMax = 0;
    const work = async (child: ChildProcess): Promise<void> => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        child.send({ table, item } satisfies CopyOrder);
        const [receipt] = (await once(child, 'message')) as [CopyReceipt];
        if (receipt.failure !== null) throw new Error(`${item.table}#${item.chunk}: ${receipt.failure}`);
        rows += receipt.rows;
        rssBytesMax = Math.max(rssBytesMax, receipt.rssBytesMax);
      }
    };
    await Promise.all(this.children.map(work));
    return { rows, rssBytesMax };
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
