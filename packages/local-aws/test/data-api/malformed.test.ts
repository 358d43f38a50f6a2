/** Requests that an SDK does not send: AWS's model has no place for them, and neither has this server. */
import { DataApiFixture, CLUSTER, SECRET } from '../../src/testing/data-api';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
});
afterAll(() => bench.stop());

/** Name and message of the error; '' if there is none. */
async function answerTo(path: string, body: string | Buffer): Promise<string> {
  const answer = await fetch(`${bench.api.url}${path}`, { method: 'POST', body });
  const { message } = (await answer.json()) as { message?: string };
  if (message === undefined) return '';
  expect(answer.status).toBe(400);
  return `${answer.headers.get('x-amzn-errortype')}: ${message}`;
}

const bodyWith = (members: object): string =>
  JSON.stringify({ ...bench.place, sql: 'select :p', ...members });
/** @param parameter JSON */
const withParameter = (parameter: string): Promise<string> =>
  answerTo(
    '/Execute',
    bodyWith({ parameters: ['HERE'] }).replace('"HERE"', () => parameter),
  );

describe('parameters', () => {
  test('what these tests send is right but for what each is about', async () => {
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
    ['"value":{"stringValue":"10:00:00.1"},"typeHint":"TIME"', 'is not of the format'],
    ['"value":{"stringValue":"10:00:00.123456"},"typeHint":"TIME"', 'is not of the format'],
    ['"value":{"stringValue":"1"},"typeHint":"decimal"', 'has the unknown typeHint decimal'],
  ])('%s is refused', async (members, problem) => {
    expect(await withParameter(`{"name":"p",${members}}`)).toBe(
      `ValidationException: Parameter 'p' ${problem}${problem.endsWith('format') ? ' that its typeHint needs: HH:MM:SS[.FFF]' : ''}`,
    );
  });

  test.each(['-9223372036854775808', '9223372036854775807'])('the long %s is one', async (digits) => {
    expect(await withParameter(`{"name":"p","value":{"longValue":${digits}}}`)).toBe('');
  });

  test.each(['YQ', 'YQ=', 'Y', 'YQ==YQ==', 'Y Q=', 'YQ==\\n', '_-_-', 'YR==', '!', '====', 'é'])(
    'the blob %s is no base64',
    async (blob) => {
      expect(await withParameter(`{"name":"p","value":{"blobValue":"${blob}"}}`)).toBe(
        "ValidationException: Parameter 'p' has an invalid blobValue",
      );
    },
  );

  test.each(['', 'YQ==', 'YWI=', 'YWJj', '+/+/'])('the blob %j is', async (blob) => {
    expect(await withParameter(`{"name":"p","value":{"blobValue":"${blob}"}}`)).toBe('');
  });

  test('a parameter is a structure, a set a list of them', async () => {
    expect(await withParameter('null')).toMatch(/^ValidationException: Parameter 1 must be a structure/);
    const [one] = [{ name: 'p', value: { longValue: 1 } }];
    const batch = (parameterSets: unknown): Promise<string> =>
      answerTo('/BatchExecute', bodyWith({ sql: 'select cast(:p as int)', parameterSets }));
    expect(await batch([[one]])).toBe('');
    expect(await batch([one, null])).toBe(
      "ValidationException: 2 validation errors detected: Value at 'parameterSets[0]' must be a list; Value at 'parameterSets[1]' must be a list",
    );
    expect(await batch(one)).toMatch(/^ValidationException: .*'parameterSets' must be a list$/);
  });
});

describe('requests', () => {
  test.each(['', '[]', '"x"', '{', '{} {}', '{"sql":1,}'])('%j is no request', async (body) => {
    expect(await answerTo('/Execute', body)).toMatch(/^ValidationException: The request's body/);
  });

  test('bytes that are not UTF-8 are not replaced by others', async () => {
    const bytes = Buffer.from(bodyWith({ sql: 'select \xff' }), 'latin1');
    expect(await answerTo('/Execute', bytes)).toBe("ValidationException: The request's body is not UTF-8");
    expect(await answerTo('/Execute', String.raw`{"sql":"select '\udc00'"}`)).toMatch(
      /'sql' must be Unicode/,
    );
  });

  test('an ARN has 11 characters at least, a database a name', async () => {
    const ends = { resourceArn: 'a'.repeat(10), secretArn: 'a'.repeat(10) };
    const short = /2 validation errors .*'resourceArn'.* equal to 11; .*'secretArn'.* equal to 11$/;
    expect(await answerTo('/Execute', bodyWith({ sql: 'select 1', ...ends }))).toMatch(short);
    expect(await answerTo('/CommitTransaction', JSON.stringify({ ...ends, transactionId: 'AA' }))).toMatch(
      short,
    );
    expect(await answerTo('/Execute', bodyWith({ sql: 'select 1', database: '' }))).toBe(
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
  ])('%s does not know %j', async (path, members, unknown) => {
    expect(await answerTo(path, JSON.stringify({ ...bench.place, ...members }))).toBe(
      `ValidationException: 1 validation error detected: Member '${unknown}' is unknown to this operation`,
    );
  });

  test.each(['/CommitTransaction', '/RollbackTransaction'])(
    '%s wants an id, and no database',
    async (path) => {
      const members = { resourceArn: CLUSTER, secretArn: SECRET };
      expect(await answerTo(path, JSON.stringify({ ...members, database: 'd' }))).toMatch(
        /^ValidationException: 2 validation errors .*'transactionId' .*not be null or empty; Member 'database' is unknown/,
      );
    },
  );
});
