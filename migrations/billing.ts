import { defineMigration } from '../src/core/definition/definition';

const endpoint = (account: string) => ({
  clusterArn: `arn:aws:rds:eu-west-1:${account}:cluster:billing`,
  database: 'billing',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:billing/sluice-owner-Wc8RnY`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:billing/sluice-control-Wc8RnY`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:billing/sluice-worker-2mVqGs`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:billing/sluice-verifier-2mVqGs`,
});

const [dev, prod] = [endpoint('111122223333'), endpoint('444455556666')];
const database = { dev, staging: dev, prod };

/** Partitions a table of a live database and widens its amounts: source and target are schemas of one database. */
export default defineMigration({
  name: 'billing',
  shape: 'cdc',
  source: database,
  target: database,
  targetSchema: ['billing/target.sql'],
  // billing.customers stays where it is; both ends reference it.
  tables: [
    { source: 'billing.invoices', target: 'billing_next.invoices' },
    { source: 'billing.lines', target: 'billing_next.lines' },
  ],
});
