/** The server ends a session while no statement runs on it. The Data API's process must survive that. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { forkDataApi } from '../../src/data-api/fork';
import type { DataApi } from '../../src/data-api/server';
import { CLUSTER, DataApiFixture, refusal, SECRET, until } from '../../src/testing/data-api';

const TERMINATED =
  'DatabaseErrorException: FATAL: terminating connection due to administrator command; SQLState: 57P01';

describe('a PostgreSQL server that terminates its backends', () => {
  let bench: DataApiFixture;
  beforeAll(async () => {
    bench = await DataApiFixture.start();
  });
  afterAll(() => bench.stop());

  const terminate = (state: string): Promise<unknown> =>
    bench.direct(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid() and state = '${state}'`,
    );
  const sessionCount = async (): Promise<number> =>
    Number(
      (
        await bench.direct(
          `select count(*) as n from pg_stat_activity where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()`,
        )
      )[0]?.['n'],
    );

  test('idle sessions are dropped from the pool, and calls get new ones', async () => {
    await Promise.all(Array.from({ length: 8 }, () => bench.execute('select 1 from pg_sleep(0.1)')));
    await terminate('idle');
    await until(async () => (await sessionCount()) === 0);
    for (let call = 0; call < 4; call += 1) expect(await bench.field('select 1')).toEqual({ longValue: 1 });
  });

  test('an idle transaction: its next call reports the error, later calls do not find it', async () => {
    const transactionId = await bench.begin();
    await terminate('idle in transaction');
    await until(async () => (await sessionCount()) <= 2);
    expect(await refusal(bench.execute('select 1', [], { transactionId }))).toBe(TERMINATED);
    expect(await refusal(bench.commit(transactionId))).toMatch(/^TransactionNotFoundException/);
    expect(await bench.field('select 1')).toEqual({ longValue: 1 });
  });
});

describe('a server that ends sessions at moments a real one rarely hits', () => {
  let server: Server;
  let api: DataApi;
  let behaviour: Behaviour;
  const connected = new Set<Socket>();
  beforeAll(async () => {
    server = createServer((socket) => {
      connected.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => connected.delete(socket));
      socket.on('data', (bytes) => respond(socket, bytes, behaviour));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    api = await forkDataApi({
      clusters: { [CLUSTER]: { host: '127.0.0.1', port } },
      secrets: { [SECRET]: { username: 'local', password: 'local' } },
    });
  });
  afterAll(async () => {
    await api.close();
    server.close();
  });

  const execute = async (): Promise<string> => {
    const response = await fetch(`${api.url}/Execute`, {
      method: 'POST',
      body: JSON.stringify({ resourceArn: CLUSTER, secretArn: SECRET, database: 'local', sql: 'select 1' }),
    });
    const { message } = (await response.json()) as { readonly message?: string };
    return `${response.headers.get('x-amzn-errortype') ?? response.status}: ${message ?? ''}`;
  };

  test('with the message that makes the session ready', async () => {
    behaviour = 'endsWhenReady';
    expect(await execute()).toBe(TERMINATED);
    behaviour = 'serves';
    expect(await execute()).toMatch(/^200/);
  });

  test('with the message that completes a statement', async () => {
    behaviour = 'endsAfterStatement';
    expect(await execute()).toMatch(/^200/);
    behaviour = 'serves';
    expect(await execute()).toMatch(/^200/);
    await until(async () => connected.size <= 2);
  });

  test('while the client is being connected', async () => {
    behaviour = 'endsWhileConnecting';
    expect(await execute()).toBe(TERMINATED);
  });

  test('while the client is being closed', async () => {
    behaviour = 'endsWhenClosed';
    expect(await execute()).toMatch(/^200/);
    await api.close();
    await expect(fetch(api.url)).rejects.toThrow('fetch failed');
  });
});

type Behaviour = 'serves' | 'endsWhenReady' | 'endsAfterStatement' | 'endsWhileConnecting' | 'endsWhenClosed';

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const READY = message('Z', Buffer.from('I'));
const STARTED = Buffer.concat([message('R', Buffer.alloc(4)), message('K', Buffer.alloc(8)), READY]);
const DONE = Buffer.concat([
  message('1', Buffer.alloc(0)),
  message('2', Buffer.alloc(0)),
  message('n', Buffer.alloc(0)),
  message('C', Buffer.from('DO\0')),
  READY,
]);
const FATAL = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
);

/** Speaks as much of PostgreSQL's protocol as a statement without a result needs. */
function respond(socket: Socket, bytes: Buffer, behaviour: Behaviour): void {
  const end = (...messages: readonly Buffer[]): unknown => socket.end(Buffer.concat([...messages, FATAL]));
  // Only a startup message has no type; its first byte is the first of its length.
  if (bytes[0] === 0) {
    if (behaviour === 'endsWhileConnecting') end();
    else if (behaviour === 'endsWhenReady') end(STARTED);
    else socket.write(STARTED);
  } else if (bytes[0] === 'X'.charCodeAt(0)) {
    if (behaviour === 'endsWhenClosed') end();
  } else if (behaviour === 'endsAfterStatement') end(DONE);
  else socket.write(DONE);
}
