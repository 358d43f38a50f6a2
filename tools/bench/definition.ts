import { defineMigration } from '../../src/core/definition/definition';

const endpoint = (end: string) => ({
  clusterArn: `arn:aws:rds:eu-west-1:111122223333:cluster:${end}`,
  database: 'bench',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}/owner-AAAAAA`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}/control-AAAAAA`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}/worker-AAAAAA`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}/verifier-AAAAAA`,
});

export type BenchTable = 'narrow' | 'wide';

/** The migration that the benchmark runs: one table. */
export const benchDefinition = (table: BenchTable, rowsPerChunk: number) =>
  defineMigration({
    name: `bench-${table}`,
    shape: 'offline',
    source: { bench: endpoint('bench-source') },
    target: { bench: endpoint('bench-target') },
    tables: [{ source: `public.${table}`, target: `public.${table}`, chunking: { rows: rowsPerChunk } }],
  });
