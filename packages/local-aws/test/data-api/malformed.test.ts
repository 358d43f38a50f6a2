/** Requests that an SDK does not send, because they do not conform to AWS's model. This server refuses them. */
import { DataApiFixture, CLUSTER, SECRET } from '../../src/testing/data-api';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
});
afterAll(() => bench.stop());

/** Returns the name and message of the error; '' if the call succeeds. */
async function errorOf(path: string, body: string | Buffer): Promise<string> {
  const response = await fetch(`${bench.api.url}${path}`, { method: 'POST', body });
  const { message } = (await response.json()) as { message?: string };
  if (message === undefined) return '';
  expect(response.status).toBe(400);
  return `${response.headers.get('x-amzn-errortype')}: ${message}`;
}

const bodyWith = (members: object): string =>
  JSON.stringify({ ...bench.place, sql: 'select :p', ...members });
/** @param parameter JSON */
const withParameter = (parameter: string): Promise<string> =>
  errorOf(
    '/Execute',
    bodyWith({ parameters: ['HERE'] }).replace('"HERE"', () => parameter),
  );

describe('parameters', () => {
  test('the request that these tests vary is valid', async () => {
    expect(await withParameter('{"name":"p","value":{"stringValue":"1"},"typeHint":"DECIMAL"}')).toBe('');
    expect(await withParameter('{"name":"p","value":{"stringValue":"1"},"typeHint":null}')).toBe('');
  });

  test.each([
    ['"value":{"stringValue":"1"},"typehint":"DECIMAL"', "has the unknown member 'typehint'"],
    ['"value":{"isNull":true},"type":"int8"', "has the unknown member 'type'"],
    ['"value":{"stringvalue":"1"}', 'has an invalid stringvalue'],
    ['"value":{"stringValue":"1","longValue":1}', 'must have a value with exactly one member'],
    ['"value":{}', 'must have a value with exactly one member'],
    ['"value":{"isNull":false}', 'has an invalid isNull'],
    ['"value":{"booleanValue":"true"}', 'has an invalid booleanValue'],
    ['"value":{"longValue":1.5}', 'has an invalid longValue'],
    ['"value":{"longValue":"1"}', 'has an invalid longValue'],
    ['"value":{"longValue":"1234567890123456"}', 'has an invalid longValue'],
    ['"value":{"longValue":9223372036854775808}', 'has an invalid longValue'],
    ['"value":{"longValue":-9223372036854775809}', 'has an invalid longValue'],
    [`"value":{"longValue":${'9'.repeat(100)}}`, 'has an invalid longValue'],
    ['"value":{"doubleValue":"1.5"}', 'has an invalid doubleValue'],
    ['"value":{"doubleValue":1e999}', 'has an invalid doubleValue'],
    [String.raw`"value":{"stringValue":"\ud800"}`, 'has an invalid stringValue'],
    ['"value":{"stringValue":"10:00:00.1"},"typeHint":"TIME"', 'does not have the format'],
    ['"value":{"stringValue":"10:00:00.123456"},"typeHint":"TIME"', 'does not have the format'],
    ['"value":{"stringValue":"1"},"typeHint":"decimal"', 'has the unknown typeHint decimal'],
  ])('%s is refused', async (members, problem) => {
    expect(await withParameter(`{"name":"p",${members}}`)).toBe(
      `ValidationException: Parameter 'p' ${problem}${problem.endsWith('format') ? ' of its typeHint: HH:MM:SS[.FFF]' : ''}`,
    );
  });

  test.each(['-9223372036854775808', '9223372036854775807'])('%s is a valid long', async (digits) => {
    expect(await withParameter(`{"name":"p","value":{"longValue":${digits}}}`)).toBe('');
  });

  test.each(['YQ', 'YQ=', 'Y', 'YQ==YQ==', 'Y Q=', 'YQ==\\n', '_-_-', 'YR==', '!', '====', 'é'])(
    'the blob %s is not valid base64',
    async (blob) => {
      expect(await withParameter(`{"name":"p","value":{"blobValue":"${blob}"}}`)).toBe(
        "ValidationException: Parameter 'p' has an invalid blobValue",
      );
    },
  );

  test.each(['', 'YQ==', 'YWI=', 'YWJj', '+/+/'])('the blob %j is valid base64', async (blob) => {
    expect(await withParameter(`{"name":"p","value":{"blobValue":"${blob}"}}`)).toBe('');
  });

  test('a parameter is a structure, and a set is a list of parameters', async () => {
    expect(await withParameter('null')).toMatch(/^ValidationException: Parameter 1 must be a structure/);
    const [one] = [{ name: 'p', value: { longValue: 1 } }];
    const batch = (parameterSets: unknown): Promise<string> =>
      errorOf('/BatchExecute', bodyWith({ sql: 'select cast(:p as int)', parameterSets }));
    expect(await batch([[one]])).toBe('');
    expect(await batch([one, null])).toBe(
      "ValidationException: 2 validation errors detected: Value at 'parameterSets[0]' must be a list; Value at 'parameterSets[1]' must be a list",
    );
    expect(await batch(one)).toMatch(/^ValidationException: .*'parameterSets' must be a list$/);
  });
});

describe('requests', () => {
  test.each(['', '[]', '"x"', '{', '{} {}', '{"sql":1,}'])('%j is not a request', async (body) => {
    expect(await errorOf('/Execute', body)).toMatch(/^ValidationException: The request's body/);
  });

  test('bytes that are not UTF-8 are refused, not replaced', async () => {
    const bytes = Buffer.from(bodyWith({ sql: 'select \xff' }), 'latin1');
    expect(await errorOf('/Execute', bytes)).toBe("ValidationException: The request's body is not UTF-8");
    expect(await errorOf('/Execute', String.raw`{"sql":"select '\udc00'"}`)).toMatch(
      /'sql' must be well-formed Unicode/,
    );
  });

  test('an ARN has at least 11 characters, and a database has a name', async () => {
    const ends = { resourceArn: 'a'.repeat(10), secretArn: 'a'.repeat(10) };
    const short = /2 validation errors .*'resourceArn'.* equal to 11; .*'secretArn'.* equal to 11$/;
    expect(await errorOf('/Execute', bodyWith({ sql: 'select 1', ...ends }))).toMatch(short);
    expect(await errorOf('/CommitTransaction', JSON.stringify({ ...ends, transactionId: 'AA' }))).toMatch(
      short,
    );
    expect(await errorOf('/Execute', bodyWith({ sql: 'select 1', database: '' }))).toBe(
      'ValidationException: Database name is required',
    );
  });

  test.each([
    ['/Execute', { sql: 'select 1', maxResults: 1 }, 'maxResults'],
    ['/Execute', { sql: 'select 1', resultSetOptions: { longreturntype: 'LONG' } }, 'longreturntype'],
    [
      '/BatchExecute',
      { sql: 'select 1', parameterSets: [[]], includeResultMetadata: true },
      'includeResultMetadata',
    ],
    [
      '/BatchExecute',
      { sql: 'select 1', parameterSets: [[]], continueAfterTimeout: false },
      'continueAfterTimeout',
    ],
    ['/BeginTransaction', { readOnly: true }, 'readOnly'],
  ])('%s refuses the unknown member in %j', async (path, members, unknown) => {
    expect(await errorOf(path, JSON.stringify({ ...bench.place, ...members }))).toBe(
      `ValidationException: 1 validation error detected: Member '${unknown}' is unknown to this operation`,
    );
  });

  test.each(['/CommitTransaction', '/RollbackTransaction'])(
    '%s requires an id and refuses a database',
    async (path) => {
      const members = { resourceArn: CLUSTER, secretArn: SECRET };
      expect(await errorOf(path, JSON.stringify({ ...members, database: 'd' }))).toMatch(
        /^ValidationException: 2 validation errors .*'transactionId' .*not be null or empty; Member 'database' is unknown/,
      );
    },
  );
});
