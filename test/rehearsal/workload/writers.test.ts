/** Writers that encounter guards, changed routes, lost responses and rows that were copied wrongly. */
import type { Side } from '../../../src/contract/sides';
import type { LiveWorkload } from '../../../src/rehearsal/workload/live-workload';
import { createRouteReader } from '../../../src/rehearsal/workload/route';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import { startControlTable, TABLE_NAME } from '../../support/control-table';
import { startTestPostgres, type TestPostgres } from 'local-aws/testing';
import type { Workload } from '../../../src/rehearsal/workload';
import { Bank, until } from './bank';
import bankWorkload from './bank-workload';
import { cuttingProxy } from './cutting-proxy';

let server: TestPostgres;
let bank: Bank;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bank = await Bank.open(server);
});
afterEach(() => bank.close());

const written = (live: LiveWorkload, side: Side, more: number) => {
  const before = live.progress().acknowledged[side];
  return until(() => live.progress().acknowledged[side] >= before + more);
};

const lostAndExtra = async (live: LiveWorkload, side: Side) => {
  const { owner } = await live.compare(side);
  return [owner.lost, owner.extra];
};

test('writers continue at the source after a cancelled fence', async () => {
  const live = await bank.live();
  live.start();
  await written(live, 'source', 20);
  await bank.refuse('source');
  await until(() => live.progress().refused > 3);
  await bank.accept('source');
  await written(live, 'source', 20);
  await live.stop();
  const { failures, pauses, side } = live.progress();
  expect({ failures, side }).toEqual({ failures: {}, side: 'source' });
  expect(pauses.map(({ endedBy }) => endedBy)).toEqual(['source']);
  expect(await lostAndExtra(live, 'source')).toEqual([0, 0]);
});

test('reads the route from the control table', async () => {
  const table = await startControlTable();
  try {
    const readRoute = createRouteReader('bank', TABLE_NAME, table.environment);
    expect(await readRoute()).toBeNull();
    const control = new ControlTable(table.client, TABLE_NAME);
    await control.setRoute('bank', 'target', 7);
    expect(await readRoute()).toEqual({ side: 'target', epoch: 7 });
  } finally {
    await table.stop();
  }
});

test('reads the outcome of a COMMIT whose response is lost from the database', async () => {
  const proxy = await cuttingProxy(bank.options().urls.source, 7);
  const live = await bank.live({ urls: { source: proxy.url, target: bank.options().urls.target } });
  live.start();
  await until(() => proxy.cuts.received > 5 && proxy.cuts.lost > 5);
  await live.stop();
  await proxy.close();
  const { responsesLost, failures } = live.progress();
  expect(failures).toEqual({});
  expect(responsesLost).toBe(proxy.cuts.received + proxy.cuts.lost);
  expect(await lostAndExtra(await bank.live(), 'source')).toEqual([0, 0]);
});

const rewriteOrDelete: Workload = {
  ...bankWorkload,
  actions: {
    rewrite: {
      weight: 1,
      run: async (writer) => {
        const account = writer.pick('old.accounts');
        const name = writer.unique();
        if (account !== undefined)
          await writer.update('old.accounts', account, { name, email: name, kind: 'private', note: name });
      },
    },
    close: { ...bankWorkload.actions.close!, weight: 0.3 },
  },
};

test('a wrongly copied row is lost, even if a writer then overwrote every column or deleted it', async () => {
  const live = await bank.live({ workload: rewriteOrDelete });
  live.start();
  await written(live, 'source', 20);
  await bank.move(live, `UPDATE vault.accounts SET holder = holder || '?'`);
  await until(() => live.progress().rowsLost > 5);
  await live.stop();
  await bank.sql(`UPDATE vault.accounts SET holder = rtrim(holder, '?')`);
  const { rowsLost } = live.progress();
  expect((await lostAndExtra(live, 'target'))[0]).toBe(rowsLost);
  // The next process knows the lost rows, too.
  const again = await bank.live();
  await again.stop();
  expect((await lostAndExtra(again, 'target'))[0]).toBe(rowsLost);
});
