import { defineMigration } from '../src/core/definition/definition';

const endpoint = (account: string, end: 'bank-classic' | 'bank-next') => ({
  clusterArn: `arn:aws:rds:eu-west-1:${account}:cluster:${end}`,
  database: 'bank',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-owner-Tz4MpK`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-control-Tz4MpK`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-worker-6bXwLd`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-verifier-6bXwLd`,
});

const sides = (account: string) =>
  [endpoint(account, 'bank-classic'), endpoint(account, 'bank-next')] as const;

const [devSource, devTarget] = sides('111122223333');
const [prodSource, prodTarget] = sides('444455556666');

/** pgbench's tables: what `npm run bench -- sync` writes to and keeps in sync. */
export default defineMigration({
  name: 'tpcb',
  shape: 'cdc',
  source: { dev: devSource, staging: devSource, prod: prodSource },
  target: { dev: devTarget, staging: devTarget, prod: prodTarget },
  targetSchema: ['tpcb/target.sql'],
  tables: [
    { source: 'public.pgbench_branches', target: 'bank.branches' },
    { source: 'public.pgbench_tellers', target: 'bank.tellers' },
    { source: 'public.pgbench_accounts', target: 'bank.accounts' },
    { source: 'public.pgbench_history', target: 'bank.history' },
  ],
});
