/** The ledger stays exact although DynamoDB returns 500 after a write, throttles, and executes requests twice. */
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { TransientFailure } from '../../src/core/errors';
import type { Call, Interceptor } from '../../src/rehearsal/faults/proxy/call';
import { startProxy, type Proxy } from '../../src/rehearsal/faults/proxy/proxy';
import { errorReply } from '../../src/rehearsal/faults/proxy/error-replies';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../support/control-table';
import { generationStart } from '../support/generation-start';

let table: TestControlTable;
let proxy: Proxy;
let control: ControlTable;
let disturb: (call: Call) => Interceptor | undefined = () => undefined;
let migrations = 0;
let migration: string;

const isWrite = ({ operation }: Call): boolean => operation === 'PutItem' || operation === 'UpdateItem';

/** Executes each write, but returns 500 the first time, so that the SDK sends it again. */
const failedAfterSuccess = (): void => {
  const failed = new Set<string>();
  disturb = (call) => {
    const request = call.body.toString();
    if (!isWrite(call) || failed.has(request)) return undefined;
    failed.add(request);
    return async ({ forward, reply }) => {
      await forward();
      reply(errorReply('dynamodb', 'failed'));
    };
  };
};

beforeAll(async () => {
  table = await startControlTable();
  proxy = await startProxy((call) => disturb(call));
  const { AWS_ENDPOINT_URL_DYNAMODB: endpoint } = proxy.endpointsFor('test', table.environment);
  control = new ControlTable(table.clientAt(endpoint!), TABLE_NAME);
});
afterAll(async () => {
  await proxy.close();
  await table.stop();
});
beforeEach(() => {
  disturb = () => undefined;
  migrations += 1;
  migration = `disturbed-${migrations}`;
});

test('a write that returned 500 counts as done when it is sent again', async () => {
  failedAfterSuccess();
  expect(await control.create(migration, 'me', generationStart('cdc'))).toBe(true);
  expect(
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'source→target#1', [
      'running',
    ]),
  ).toBe(true);
  expect(
    await control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'target', [
      'running',
    ]),
  ).toBe(true);
  expect(await control.record(migration)).toMatchObject({ execution: 'me', writes: 'target' });
});

test('a claim of the role of sync, and a takeover, count as won when they are sent again', async () => {
  await control.create(migration, 'me', generationStart('cdc'));
  failedAfterSuccess();
  expect(await control.claimSync(await control.recordOrFail(migration), 'my sync')).toBe(true);
  await control.takeOver(await control.recordOrFail(migration), 'the next');
  expect(await control.record(migration)).toMatchObject({ execution: 'the next', sync: 'my sync' });
});

test('the journal gets each entry once', async () => {
  failedAfterSuccess();
  await control.journal.append(migration, 1, 'started', { by: 'me' });
  await control.journal.append(migration, 1, 'held');
  expect((await control.journal.last(migration, 9)).map(({ event }) => event)).toEqual(['started', 'held']);
  expect(await control.journal.firstBroken(migration)).toBeNull();
});

test('of a flip and a cancellation, only one is reported as won', async () => {
  await control.create(migration, 'me', generationStart('offline'));
  failedAfterSuccess();
  expect(
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'source→target#1', [
      'running',
    ]),
  ).toBe(true);
  const outcomes = await Promise.all([
    control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'source', [
      'running',
    ]),
    control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'target', [
      'running',
    ]),
  ]);
  expect(outcomes.filter((won) => won)).toHaveLength(1);
});

test.each(['throttled', 'unavailable'] as const)(
  'a service that stays %s is a transient failure',
  async (how) => {
    disturb = () => (exchange) => {
      exchange.reply(errorReply('dynamodb', how));
      return Promise.resolve();
    };
    await expect(control.record(migration)).rejects.toBeInstanceOf(TransientFailure);
    await expect(control.create(migration, 'me', generationStart('offline'))).rejects.toBeInstanceOf(
      TransientFailure,
    );
  },
);
