import { defineMigration } from '../src/core/definition/definition';

const endpoint = (account: string, end: 'shop-classic' | 'shop-next') => ({
  clusterArn: `arn:aws:rds:eu-west-1:${account}:cluster:${end}`,
  database: 'shop',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-owner-Hq3VwT`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-control-Hq3VwT`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-worker-9kZbLe`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${end}/sluice-verifier-9kZbLe`,
});

const sides = (account: string) =>
  [endpoint(account, 'shop-classic'), endpoint(account, 'shop-next')] as const;

const [devSource, devTarget] = sides('111122223333');
const [prodSource, prodTarget] = sides('444455556666');

/** A shop's tables leave the schema `public` of an old cluster for the schema `shop` of a new one, some under new names. */
export default defineMigration({
  name: 'orders',
  shape: 'offline',
  source: { dev: devSource, staging: devSource, prod: prodSource },
  target: { dev: devTarget, staging: devTarget, prod: prodTarget },
  targetSchema: ['orders/target.sql'],
  tables: [
    { source: 'public.promotions', target: 'shop.promotions' },
    {
      source: 'public.customers',
      target: 'shop.customers',
      columns: { name: 'full_name' },
    },
    {
      source: 'public.orders',
      target: 'shop.orders',
      columns: { remark: 'comment' },
      omit: ['legacy_flags'],
    },
    {
      source: 'public.order_items',
      target: 'shop.order_lines',
      columns: { line_number: 'line' },
    },
    {
      source: 'public.payments',
      target: 'shop.payments',
      chunking: { by: 'paid_at', rows: 25_000 },
    },
  ],
});
