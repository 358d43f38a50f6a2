/** Name of the bench's control table. */
export const BENCH_TABLE = 'sluice-bench-control';
