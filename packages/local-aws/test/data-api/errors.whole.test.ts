/** Checks error names and HTTP status codes against the SDK's own model of the service. */
import * as sdk from '@aws-sdk/client-rds-data';

import { STATUS } from '../../src/data-api/errors';
import { DataApiFixture, CLUSTER, SECRET, text } from '../../src/testing/data-api';

const NOWHERE = 'arn:aws:nowhere';
const DOWN = 'arn:aws:rds:us-east-1:123456789012:cluster:down';

let bench: DataApiFixture;
let shortTimeout: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
  shortTimeout = await bench.startAnother({
    statementTimeoutMs: 100,
    clusters: { ...bench.options.clusters, [DOWN]: { host: '127.0.0.1', port: 1 } },
  });
});
afterAll(async () => {
  await shortTimeout.stopApi();
  await bench.stop();
});

test("every error in the SDK's model is known, with its status code", () => {
  type Schema = [kind: number, service: string, name: string, traits: { httpError: number }];
  const modelled = Object.entries(sdk)
    .filter(([name]) => /(?:Exception|Error)\$$/.test(name) && name !== 'RDSDataServiceException$')
    .map(([, schema]) => schema as unknown as Schema)
    .map(([, , name, { httpError }]) => [name, httpError] as const);
  expect(modelled).toHaveLength(17);
  expect(STATUS).toMatchObject(Object.fromEntries(modelled));
});

const place = () => bench.place;
test.each<[string, number, string, () => object]>([
  ['ValidationException', 400, '/Execute', () => ({ ...place(), sql: '' })],
  ['ValidationException', 400, '/Execute', () => ({ ...place(), sql: 'select 1; select 2' })],
  ['ValidationException', 400, '/BeginTransaction', () => ({ ...place(), schema: 'public' })],
  ['ValidationException', 400, '/BatchExecute', () => ({ ...place(), sql: 'select 1', schema: 'public' })],
  [
    'BadRequestException',
    400,
    '/Execute',
    () => ({ ...place(), sql: 'select 1 a, 2 a', formatRecordsAs: 'JSON' }),
  ],
  ['DatabaseErrorException', 400, '/Execute', () => ({ ...place(), sql: 'selec' })],
  ['DatabaseErrorException', 400, '/BatchExecute', () => ({ ...place(), sql: 'selec', parameterSets: [[]] })],
  [
    'DatabaseNotFoundException',
    404,
    '/Execute',
    () => ({ ...place(), resourceArn: NOWHERE, sql: 'select 1' }),
  ],
  ['DatabaseNotFoundException', 404, '/BeginTransaction', () => ({ ...place(), resourceArn: NOWHERE })],
  [
    'DatabaseUnavailableException',
    504,
    '/Execute',
    () => ({ ...place(), resourceArn: DOWN, sql: 'select 1' }),
  ],
  ['SecretsErrorException', 400, '/Execute', () => ({ ...place(), secretArn: NOWHERE, sql: 'select 1' })],
  ['StatementTimeoutException', 400, '/Execute', () => ({ ...place(), sql: 'select 1 from pg_sleep(1)' })],
  [
    'TransactionNotFoundException',
    404,
    '/Execute',
    () => ({ ...place(), sql: 'select 1', transactionId: 'AA' }),
  ],
  [
    'TransactionNotFoundException',
    404,
    '/CommitTransaction',
    () => ({ resourceArn: CLUSTER, secretArn: SECRET, transactionId: 'AA' }),
  ],
  [
    'NotFoundException',
    404,
    '/RollbackTransaction',
    () => ({ resourceArn: NOWHERE, secretArn: SECRET, transactionId: 'AA' }),
  ],
  ['UnsupportedResultException', 400, '/Execute', () => ({ ...place(), sql: 'select 1::money' })],
  ['UnknownOperationException', 404, '/ExecuteSql', () => ({})],
  [
    'RequestEntityTooLargeException',
    413,
    '/Execute',
    () => ({ ...place(), sql: 'select :p', parameters: [text('p', 'x'.repeat(4_194_304))] }),
  ],
])('%s has the status code %i (%s)', async (name, status, path, body) => {
  const response = await fetch(`${shortTimeout.api.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body()),
  });
  expect([response.headers.get('x-amzn-errortype'), response.status]).toEqual([name, status]);
  expect(((await response.json()) as { message: string }).message).not.toBe('');
});

test('formatted records may have 10 MB, even if the database sent much less', async () => {
  const label = 'c'.repeat(63);
  const sql = (rows: number): string => `select 1 as ${label} from generate_series(1, ${rows})`;
  // {"<label>":1} and a comma, in brackets.
  const rowsMax = Math.floor((10 * 1_048_576 - 1) / (label.length + 7));
  const { formattedRecords } = await bench.execute(sql(rowsMax), [], { formatRecordsAs: 'JSON' });
  expect(formattedRecords?.length).toBeGreaterThan(10 * 1_048_576 - 100);
  await expect(bench.execute(sql(rowsMax + 1), [], { formatRecordsAs: 'JSON' })).rejects.toMatchObject({
    name: 'BadRequestException',
  });
});
