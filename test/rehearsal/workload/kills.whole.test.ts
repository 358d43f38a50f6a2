/** Kills the writer process with SIGKILL, repeatedly. */
import { join } from 'node:path';
import { forkWorkload } from '../../../src/rehearsal/workload/fork';
import { startControlTable, TABLE_NAME } from '../../support/control-table';
import { startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { Bank, TABLES, until } from './bank';

let server: TestPostgres;
let bank: Bank;

beforeAll(async () => {
  server = await startTestPostgres();
  bank = await Bank.open(server);
});
afterAll(async () => {
  await bank.close();
  await server.stop();
});

test('the next process knows every write that a killed process acknowledged', async () => {
  const table = await startControlTable();
  const options = {
    ...{ file: join(__dirname, 'bank-workload.ts'), migration: 'bank', controlTable: TABLE_NAME },
    ...{ environment: table.environment, tables: TABLES, seed: 1, pace: 0 },
    ...{ urls: bank.options().urls, journalPath: bank.options().journalPath },
  };
  try {
    for (let kill = 0; kill < 6; kill += 1) {
      const writers = await forkWorkload(options);
      await writers.start();
      await until(async () => (await writers.progress()).acknowledged.source > 40);
      await writers.close();
    }
    const last = await forkWorkload(options);
    await last.start();
    await until(async () => (await last.progress()).acknowledged.source > 40);
    await last.stop();
    const { owner } = await last.compare('source');
    expect((await last.progress()).failures).toEqual({});
    expect([owner.lost, owner.extra]).toEqual([0, 0]);
    expect(owner.rows).toBeGreaterThan(200);
    await last.close();
  } finally {
    await table.stop();
  }
});
