import { connect } from 'node:net';

import {
  DatabaseErrorException,
  ExecuteSqlCommand,
  StatementTimeoutException,
} from '@aws-sdk/client-rds-data';

import { DataApiFixture, CLUSTER, refusal, refused, SECRET, text, until } from '../../src/testing/data-api';
import { startDataApi } from '../../src/data-api/server';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
  await bench.direct('create table done (at timestamptz default now())');
});
afterAll(() => bench.stop());

const running = async (): Promise<unknown> =>
  (
    await bench.direct(
      `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and state = 'active'`,
    )
  )[0]?.['n'];
const doneCount = async (): Promise<unknown> =>
  (await bench.direct('select count(*)::int as n from done'))[0]?.['n'];
const SLOW_INSERT = 'insert into done select now() from pg_sleep(0.6)';

describe('sizes', () => {
  test('a result may have 1 MiB; one more byte is refused', async () => {
    const sql = (bytes: number): string =>
      `select repeat('é', 8192) from generate_series(1, 63) union all select repeat('x', ${bytes - 63 * 16_384})`;
    expect((await bench.execute(sql(1_048_576))).records).toHaveLength(64);
    expect(await refusal(bench.execute(sql(1_048_577)))).toMatch(
      /^UnsupportedResultException: Database response exceeded size limit/,
    );
  });

  test('a bytea value counts as its bytes', async () => {
    const sql = `select decode(repeat('00', 65536), 'hex') from generate_series(1, :n::int)`;
    const rows = (n: number) => bench.execute(sql, [{ name: 'n', value: { longValue: n } }]);
    expect((await rows(16)).records).toHaveLength(16);
    expect(await refusal(rows(17))).toMatch(/exceeded size limit/);
  });

  test('a row may have 64 KB; one more byte is refused, unless the limit is off', async () => {
    const sql = (bytes: number): string => `select repeat('x', ${bytes - 1}), 'x'`;
    expect((await bench.execute(sql(65_536))).records).toHaveLength(1);
    expect(await refusal(bench.execute(sql(65_537)))).toMatch(
      /^UnsupportedResultException: Packet for query is too large/,
    );
    const lenient = await bench.startAnother({ rowLimit: 'off' });
    expect((await lenient.execute(sql(65_537))).records).toHaveLength(1);
    await lenient.stopApi();
  });

  test.each([
    ['many rows', `select repeat('x', 10000) from generate_series(1, 1000000)`],
    ['one value', `select repeat('x', 200000000)`],
  ])('a huge result of %s is stopped early, without buffering it', async (_what, sql) => {
    const before = process.memoryUsage.rss();
    expect(await refusal(bench.execute(sql))).toMatch(/^UnsupportedResultException/);
    await until(async () => (await running()) === 0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1_048_576);
  });

  test('a request may have 4 MiB including its headers', async () => {
    const shell = (value: string): string =>
      JSON.stringify({ ...bench.place, sql: 'select length(:p)', parameters: [text('p', value)] });
    const headOf = (bodyBytes: number): string =>
      `POST /Execute HTTP/1.1\r\nHost: local\r\nX-Filler: ${'x'.repeat(2_000)}\r\nConnection: close\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
    /** Sends over a raw socket, so that the number of bytes is exact. */
    const send = async (bytes: number): Promise<string> => {
      // The content length always has seven digits.
      const bodyBytes = bytes - headOf(4_000_000).length;
      const { port, hostname } = new URL(bench.api.url);
      const socket = connect(Number(port), hostname);
      socket.write(headOf(bodyBytes) + shell('x'.repeat(bodyBytes - shell('').length)));
      let received = '';
      for await (const chunk of socket) received += String(chunk);
      return received.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3);
    };
    expect(await send(4_194_304)).toBe('200');
    expect(await send(4_194_305)).toBe('413');
  });

  test('a request far over the limit is read to its end and then refused', async () => {
    const send = async (bodyBytes: number): Promise<number> => {
      const shell = JSON.stringify({ ...bench.place, sql: 'select length(:p)', parameters: [text('p', '')] });
      const body = shell.replace(
        '"stringValue":""',
        () => `"stringValue":"${'x'.repeat(bodyBytes - shell.length)}"`,
      );
      return (await fetch(`${bench.api.url}/Execute`, { method: 'POST', body })).status;
    };
    expect(await send(4_194_304 - 1_024)).toBe(200);
    expect(await send(12_000_000)).toBe(413);
  });

  test('names and the SQL text have maximum lengths', async () => {
    const sql = `select 1 --${'x'.repeat(65_536)}`;
    expect((await bench.execute(sql.slice(0, 65_536))).records).toHaveLength(1);
    expect(await refusal(bench.execute(sql.slice(0, 65_537)))).toMatch(
      /^ValidationException: .*'sql'.*65536/,
    );
    expect(await refusal(bench.execute('select 1', [], { database: 'd'.repeat(65) }))).toMatch(
      /'database'.*64/,
    );
    expect(await refusal(bench.execute('select 1', [], { resourceArn: 'a'.repeat(571) }))).toMatch(/570/);
  });
});

describe('requests', () => {
  test('an error of the database keeps its message, in a modelled error', async () => {
    const error = await refused(bench.execute('select * from nowhere'));
    expect(error).toBeInstanceOf(DatabaseErrorException);
    expect(error.message).toBe('ERROR: relation "nowhere" does not exist\n  Position: 15; SQLState: 42P01');
    expect(error.$metadata.httpStatusCode).toBe(400);
  });

  test.each([
    ['select 1; select 2', "ValidationException: Multistatements aren't supported."],
    [' ; ', 'ValidationException: The SQL statement is empty'],
  ])('%s is refused', async (sql, reason) => {
    expect(await refusal(bench.execute(sql))).toMatch(new RegExp(`^${reason}$`, 's'));
    expect(await bench.field('select 1')).toEqual({ longValue: 1 });
  });

  test('unknown clusters, secrets and databases and the unsupported schema have distinct errors', async () => {
    expect(await refusal(bench.execute('select 1', [], { resourceArn: 'arn:aws:nowhere' }))).toMatch(
      /^DatabaseNotFoundException/,
    );
    expect(await refusal(bench.execute('select 1', [], { secretArn: 'arn:aws:nowhere' }))).toMatch(
      /^SecretsErrorException/,
    );
    expect(await refusal(bench.execute('select 1', [], { database: 'x' }))).toMatch(
      /^DatabaseErrorException: FATAL: database "x" does not exist; SQLState: 3D000$/,
    );
    expect(await refusal(bench.execute('select 1', [], { schema: 's' }))).toMatch(
      /^ValidationException: .*The schema parameter isn't supported/,
    );
    expect(await refusal(bench.execute('select 1', [], { database: undefined }))).toBe(
      'ValidationException: Database name is required',
    );
  });

  test('one error reports every problem of a request, including unknown members', async () => {
    const body = JSON.stringify({ resourceArn: CLUSTER, sql: 1, limit: 5, formatRecordsAs: 'XML' });
    const response = await fetch(`${bench.api.url}/Execute`, { method: 'POST', body });
    expect(response.headers.get('x-amzn-errortype')).toBe('ValidationException');
    const { message } = (await response.json()) as { message: string };
    expect(message).toMatch(
      /^4 validation errors detected: .*'secretArn'.*'sql'.*'formatRecordsAs'.*'limit'/,
    );
  });

  test('ExecuteSql is not supported', async () => {
    const command = new ExecuteSqlCommand({
      dbClusterOrInstanceArn: CLUSTER,
      awsSecretStoreArn: SECRET,
      sqlStatements: '',
    });
    expect(await refusal(bench.client.send(command))).toMatch(/ExecuteSql is not supported/);
  });

  test('an unreachable writer is DatabaseUnavailableException', async () => {
    const api = await startDataApi({
      ...bench.options,
      clusters: { [CLUSTER]: { host: '127.0.0.1', port: 1 } },
    });
    const response = await fetch(`${api.url}/BeginTransaction`, {
      method: 'POST',
      body: JSON.stringify(bench.place),
    });
    await api.close();
    expect(response.status).toBe(504);
    expect(response.headers.get('x-amzn-errortype')).toBe('DatabaseUnavailableException');
  });
});

describe('sessions', () => {
  test('the next call does not see state that a call left in its session', async () => {
    await bench.execute(`set application_name = 'changed by a call'`);
    expect(await bench.field('show application_name')).toEqual({ stringValue: '' });
    await bench.execute('reset application_name');
  });

  test('calls run concurrently', async () => {
    const startedAt = Date.now();
    await Promise.all(Array.from({ length: 10 }, () => bench.execute('select 1 from pg_sleep(0.2)')));
    expect(Date.now() - startedAt).toBeLessThan(1_500);
  });

  test('a session that the server terminates fails its call and is replaced', async () => {
    const call = refusal(bench.execute('select 1 from pg_sleep(5)'));
    await until(async () => (await running()) === 1);
    await bench.direct(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and state = 'active'`,
    );
    expect(await call).toMatch(/^DatabaseErrorException: FATAL: .*; SQLState: 57P01$/);
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await bench.field('select 1')).toEqual({ longValue: 1 });
    }
  });
});

describe('time', () => {
  let shortTimeout: DataApiFixture;
  beforeAll(async () => {
    shortTimeout = await bench.startAnother({ statementTimeoutMs: 300 });
  });
  afterAll(() => shortTimeout.stopApi());

  test('a statement over its time limit is cancelled in the database', async () => {
    const error = await refused(shortTimeout.execute(SLOW_INSERT));
    expect(error).toBeInstanceOf(StatementTimeoutException);
    expect((error as StatementTimeoutException).dbConnectionId).toBeGreaterThan(1);
    await until(async () => (await running()) === 0);
    expect(await doneCount()).toBe(0);
  });

  test('a statement over its time limit continues with continueAfterTimeout', async () => {
    const call = shortTimeout.execute(SLOW_INSERT, [], { continueAfterTimeout: true });
    expect(await refusal(call)).toMatch(/^StatementTimeoutException/);
    expect(await running()).toBe(1);
    await until(async () => (await doneCount()) === 1);
  });

  test('a batch over its time limit stops', async () => {
    await bench.direct('truncate done');
    const sets = Array.from({ length: 10 }, () => []);
    const call = shortTimeout.batch('insert into done select now() from pg_sleep(0.1)', sets);
    expect(await refusal(call)).toMatch(/^StatementTimeoutException/);
    await until(async () => (await running()) === 0);
    expect(await doneCount()).toBeLessThan(4);
  });

  test('a statement continues if its caller disconnects', async () => {
    await bench.direct('truncate done');
    const controller = new AbortController();
    const body = JSON.stringify({ ...bench.place, sql: 'insert into done select now() from pg_sleep(0.25)' });
    const call = fetch(`${shortTimeout.api.url}/Execute`, {
      method: 'POST',
      body,
      signal: controller.signal,
    });
    await until(async () => (await running()) === 1);
    controller.abort();
    await expect(call).rejects.toThrow('abort');
    await until(async () => (await doneCount()) === 1);
  });
});

test('calls, bytes and metered units are counted', async () => {
  const api = await startDataApi(bench.options);
  const bodies = [
    JSON.stringify({ ...bench.place, sql: `select repeat('x', 60000)` }),
    JSON.stringify({ ...bench.place, sql: 'select' + ' nothing' }),
  ];
  let responseBytes = 0;
  for (const body of bodies) {
    responseBytes += (await (await fetch(`${api.url}/Execute`, { method: 'POST', body })).text()).length;
  }
  expect(await api.counters()).toEqual({
    calls: { ExecuteStatement: 2 },
    errors: { DatabaseErrorException: 1 },
    requestBytes: bodies.join('').length,
    responseBytes,
    billedUnits: 3,
  });
  await api.close();
});

test('closing cancels running statements and rolls back open transactions', async () => {
  const api = await startDataApi({ ...bench.options, statementTimeoutMs: 60_000 });
  const post = (path: string, sql?: string) =>
    fetch(`${api.url}${path}`, { method: 'POST', body: JSON.stringify({ ...bench.place, sql }) });
  await post('/BeginTransaction');
  const call = post('/Execute', 'select 1 from pg_sleep(30)').catch(() => undefined);
  await until(async () => (await running()) === 1);
  await api.close();
  await call;
  await until(async () => (await running()) === 0);
});
