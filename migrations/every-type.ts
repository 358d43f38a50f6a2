import { defineMigration } from '../src/core/definition/definition';

const endpoint = (account: string, cluster: string) => ({
  clusterArn: `arn:aws:rds:eu-west-1:${account}:cluster:${cluster}`,
  database: 'samples',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-owner-w4QmZp`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-control-w4QmZp`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-worker-2dRtYs`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-verifier-2dRtYs`,
});

const devSource = endpoint('111122223333', 'samples-blue');
const devTarget = endpoint('111122223333', 'samples-green');

/** Types whose values identify objects of one database; columns of them are not moved. */
const OBJECT_NAMES = [
  'regproc',
  'regprocedure',
  'regoper',
  'regoperator',
  'regclass',
  'regtype',
  'regrole',
  'regnamespace',
  'regcollation',
  'regconfig',
  'regdictionary',
];

const withoutObjectNames = (prefix: string) => ({ omit: OBJECT_NAMES.map((name) => `${prefix}${name}`) });

/** Every built-in type, their arrays, types made from them, odd names and values larger than any request. */
export default defineMigration({
  name: 'every-type',
  shape: 'offline',
  source: { dev: devSource, staging: devSource, prod: endpoint('444455556666', 'samples-blue') },
  target: { dev: devTarget, staging: devTarget, prod: endpoint('444455556666', 'samples-green') },
  targetSchema: ['every-type/target.sql'],
  tables: [
    {
      source: 'samples.scalars',
      target: 'kept.scalars',
      ...withoutObjectNames('v_'),
      chunking: { rows: 1_000 },
    },
    {
      source: 'samples.arrays',
      target: 'kept.arrays',
      ...withoutObjectNames('a_'),
      chunking: { rows: 1_000 },
    },
    { source: 'samples.made', target: 'kept.made', chunking: { rows: 1_000 } },
    { source: 'samples."Odd ""Names"", quoted"', target: 'kept."Odd ""Names"", quoted"' },
    { source: 'samples.large', target: 'kept.large' },
  ],
});
