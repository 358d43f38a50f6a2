import { benchCopy } from './copy';
import { benchEngine } from './engine';
import { benchGuard } from './guard';
import { textOf, type BenchReport } from './report';
import { benchSync, SYNC_DEFAULTS } from './sync';

export { SYNC_DEFAULTS } from './sync';

export interface BenchOptions {
  readonly what: 'copy' | 'sync' | 'guard' | 'engine';
  readonly quick: boolean;
  readonly json: boolean;
  /** Of `sync`. @default as {@link SYNC_DEFAULTS} */
  readonly seconds?: number;
  readonly scale?: number;
}

const QUICK = { seconds: 12, scale: 1 } as const;

/** Measures, printing progress to stderr and a table or one line of JSON to stdout. */
export async function bench({ what, quick, json, ...given }: BenchOptions): Promise<BenchReport> {
  const started = Date.now();
  const log = (line: string) =>
    process.stderr.write(`${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
  const measure = {
    copy: () => benchCopy({ quick, log }),
    sync: () => benchSync({ ...(quick ? QUICK : SYNC_DEFAULTS), ...given, log }),
    guard: () => benchGuard({ quick, log }),
    engine: () => benchEngine({ quick, log }),
  };
  const report = await measure[what]();
  process.stdout.write(`${json ? JSON.stringify(report) : textOf(report)}\n`);
  return report;
}
