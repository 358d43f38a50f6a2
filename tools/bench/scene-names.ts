/** Name of the benchmark's control table. */
export const BENCH_TABLE = 'sluice-bench-control';
