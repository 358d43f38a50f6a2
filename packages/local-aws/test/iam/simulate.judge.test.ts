/**
 * Compares the engine's decisions with an independent judge, @cloud-copilot/iam-simulate. Its licence (AGPL) keeps it out of the
 * project, so `npm test` does not run this file. LOCAL_AWS_IAM_JUDGE names a directory whose node_modules contains the judge.
 */
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Authorizer, credentialsOf, policiesOf } from '../../src/iam';
import { policy, read, role, roleArn } from './policies';

const home = process.env['LOCAL_AWS_IAM_JUDGE'];
if (home === undefined)
  throw new Error(
    'LOCAL_AWS_IAM_JUDGE must name a directory in which @cloud-copilot/iam-simulate was installed.',
  );

interface Judge {
  runSimulation(simulation: object, options: object): Promise<{ resultType: string; overallResult?: string }>;
}

const ACCOUNT = '111122223333';
const table = (name: string): string => `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${name}`;
const NAMES = ['ledger', 'Ledger', 'ledgers', 'x'];
const OPERATIONS = ['GetItem', 'PutItem', 'Query', 'DeleteItem', 'DescribeTable'];

const ACTIONS = [
  ...OPERATIONS.map((operation) => `dynamodb:${operation}`),
  ...[
    '*',
    'dynamodb:*',
    'dynamodb:Get*',
    'dynamodb:*Item',
    'dynamodb:?etItem',
    'dynamodb:getitem',
    'dynamodb:Q*y',
  ],
  ...['s3:GetObject', 'dynamodb:Get'],
];
const RESOURCES = [
  ...NAMES.map(table),
  ...['*', table('*'), table('l*'), table('ledger?'), table('?edger'), table('led*/index/*')],
  ...[
    `arn:aws:dynamodb:*:*:table/ledger`,
    `arn:aws:dynamodb:eu-*:${ACCOUNT}:*`,
    `arn:*:dynamodb:*:*:table/x`,
  ],
  ...[`arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/*`, 'arn:aws:s3:::ledger'],
];

const some = (of: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 3 });
const statement = fc.record({
  Effect: fc.oneof(
    { weight: 4, arbitrary: fc.constant('Allow') },
    { weight: 1, arbitrary: fc.constant('Deny') },
  ),
  Action: some(ACTIONS),
  Resource: some(RESOURCES),
});

function ours(statements: object[], operation: string, TableName: string): boolean {
  const { roles, problems } = read(role(), policy(...statements));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const functions = [{ logicalId: 'Book', name: 'book', arn: 'arn:…', roleArn }];
  const scope = { partition: 'aws', region: 'eu-west-1', account: ACCOUNT };
  const policies = policiesOf({ ...scope, roles, functions, stateMachines: [] }, []);
  const key = credentialsOf(policies, 'book')['AWS_ACCESS_KEY_ID'];
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20261122/eu-west-1/dynamodb/aws4_request`;
  return (
    new Authorizer(policies).forService('dynamodb')(authorization, operation, { TableName }) === undefined
  );
}

async function theirs(judge: Judge, Statement: object[], operation: string, name: string): Promise<boolean> {
  const simulation = {
    request: {
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/clerk/book`,
      action: `dynamodb:${operation}`,
      resource: { resource: table(name), accountId: ACCOUNT },
      contextVariables: {},
    },
    identityPolicies: [{ name: 'policy', policy: { Version: '2012-10-17', Statement } }],
    ...{ serviceControlPolicies: [], resourceControlPolicies: [] },
  };
  const { resultType, overallResult } = await judge.runSimulation(simulation, {});
  if (resultType !== 'single')
    throw new Error(`the judge says ${resultType} of ${JSON.stringify(simulation)}`);
  return overallResult === 'Allowed';
}

test('the judge and the engine make the same decisions', async () => {
  const judge = createRequire(join(home, 'package.json'))('@cloud-copilot/iam-simulate') as Judge;
  const seen = { allowed: 0, denied: 0 };
  const request = fc.tuple(
    fc.array(statement, { minLength: 1, maxLength: 4 }),
    fc.constantFrom(...OPERATIONS),
    fc.constantFrom(...NAMES),
  );
  await fc.assert(
    fc.asyncProperty(request, async ([statements, operation, name]) => {
      const allowed = ours(statements, operation, name);
      seen[allowed ? 'allowed' : 'denied'] += 1;
      expect(await theirs(judge, statements, operation, name)).toBe(allowed);
    }),
    { numRuns: 1_000, seed: 1 },
  );
  // Agreement would prove little if only one decision occurred.
  expect(Math.min(seen.allowed, seen.denied)).toBeGreaterThan(100);
}, 120_000);
