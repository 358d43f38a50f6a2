/** A rehearsal of shape `offline`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrl, runSql, startPostgres } from 'local-aws';
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { MINUTES, Rehearsals, resultOf } from './rehearsal-process';

const rehearsals = Rehearsals.use();

test(
  'a rehearsal proves that every row arrived, and finds a single wrong row',
  async () => {
    const first = rehearsals.sluice(['rehearse', '--rows', '3000', '--json', '--state', rehearsals.state]);
    expect([await first.code, first.err()]).toEqual([0, expect.anything()]);
    const result = resultOf(first);
    expect(result).toMatchObject({
      command: 'rehearse',
      verdict: 'pass',
      doubts: [],
      migration: 'orders',
      access: { denied: [] },
    });
    expect(result.tables.map(({ table, sourceRows }) => [table, sourceRows])).toEqual([
      ['shop.promotions', 200],
      ['shop.customers', 300],
      ['shop.orders', 3_000],
      ['shop.order_lines', expect.any(Number)],
      ['shop.payments', expect.any(Number)],
    ]);
    for (const table of result.tables) {
      expect(table).toMatchObject({ missing: 0, extra: 0, different: 0, targetRows: table.sourceRows });
      expect(table.sourceChecksum).toBe(table.targetChecksum);
    }
    expect(Object.keys(result.secondsPerStage)).toEqual(
      expect.arrayContaining(['preflight', 'backfill', 'verify', 'flip', 'open']),
    );
    for (const name of [
      'rowsPerSecond',
      'stateTransitions',
      'dataApiCalls',
      'dynamodbWrites',
      'lambdaGbSeconds',
    ] as const)
      expect(result[name]).toBeGreaterThan(0);
    expect(result.modelledCostUsd).toBeGreaterThan(0);

    const target = await startPostgres({ directory: join(rehearsals.state, 'target-1') });
    await runSql(
      databaseUrl(target.superuserUrl, 'shop'),
      "UPDATE shop.customers SET note = '' WHERE id = (SELECT min(id) FROM shop.customers WHERE note IS NULL)",
    );
    await target.stop();
    const second = rehearsals.sluice(['rehearse', '--resume', '--state', rehearsals.state]);
    expect(await second.code).toBe(1);
    expect(second.out()).toMatch(/^FAIL:\n- shop\.customers: 1 different\n$/m);
    const { unused, notExercised } = JSON.parse(
      readFileSync(join(rehearsals.state, 'access.json'), 'utf8'),
    ) as RehearsalResult['access'];
    expect(second.out()).toContain(
      `access: 0 denied, ${unused.length} granted but unused, ${notExercised.length} not exercised on this machine; ${rehearsals.state}/access.json lists them`,
    );
  },
  5 * MINUTES,
);
