/** Rehearsals of a shop that writes during its migration, run as users run them. */
import { existsSync, mkdtempSync, readdirSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrl, runSql, startPostgres } from 'local-aws';
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { runLeg, type Leg } from '../resume/killed-rehearsal';

const MINUTES = 60_000;
let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'sluice-live-test-'));
  chmodSync(state, 0o755);
});
afterEach(async () => {
  // Starting a cluster stops a server that a killed rehearsal left running on it.
  for (const name of existsSync(state) ? readdirSync(state) : []) {
    if (/^(source|target)-\d+$/.test(name))
      await (await startPostgres({ directory: join(state, name) })).stop();
  }
  rmSync(state, { recursive: true, force: true });
});

const argsWith = (...more: string[]) => [
  'orders-live',
  '--rows',
  '20000',
  '--json',
  '--state',
  state,
  ...more,
];

const resultOf = ({ stdout }: Leg): RehearsalResult =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as RehearsalResult;

test(
  'a live migration loses no write and pauses for seconds, and a wrong row is found afterwards',
  async () => {
    const leg = await runLeg(argsWith(), null);
    expect({ code: leg.exitCode, out: leg.stdout, err: leg.stderr }).toMatchObject({ code: 0 });
    const { verdict, doubts, live, tables, access } = resultOf(leg);
    expect({ verdict, doubts, denied: access.denied }).toEqual({ verdict: 'pass', doubts: [], denied: [] });
    expect(live).toMatchObject({ lost: 0, extra: 0, sourceDiffers: 0, failures: {}, leftovers: [] });
    expect(live!.acknowledged.source).toBeGreaterThan(100);
    expect(live!.acknowledged.target).toBeGreaterThan(10);
    expect(live!.retried).toBeGreaterThan(0);
    expect(live!.rolledBack).toBeGreaterThan(0);
    expect(live!.pauseMs).toBeGreaterThan(0);
    expect(live!.rowsKnown).toBeGreaterThan(5_000);
    expect(tables).toHaveLength(7);
    for (const table of tables) expect(table).toMatchObject({ missing: 0, extra: 0, different: 0 });

    const target = await startPostgres({ directory: join(state, 'target-1') });
    await runSql(
      databaseUrl(target.superuserUrl, 'shop'),
      // A row that the writers know, and a row that they did not write.
      `UPDATE shop.stock SET reserved = reserved - 1 WHERE reserved = (SELECT max(reserved) FROM shop.stock);
       UPDATE shop.customers SET name = name || '!' WHERE id = (SELECT max(id) FROM shop.customers WHERE note = '{"a",NULL,\\"b\\"}')`,
    );
    await target.stop();
    const again = await runLeg(argsWith('--resume'), null);
    expect(again.exitCode).toBe(1);
    expect(resultOf(again).doubts.join('\n')).toMatch(
      /shop\.customers: 1 different|public\.stock: acknowledged rows lost: \d+/,
    );
    expect(resultOf(again).live!.lost).toBeGreaterThan(0);
  },
  15 * MINUTES,
);

test(
  'a rehearsal that is killed with its writers resumes, and knows every acknowledged write',
  async () => {
    for (const ms of [4_000, 6_000]) {
      const leg = await runLeg(argsWith(...(ms === 4_000 ? [] : ['--resume'])), { since: 'execution', ms });
      expect(leg.exitCode).toBeNull();
    }
    const last = await runLeg(argsWith('--resume'), null);
    expect({ code: last.exitCode, out: last.stdout, err: last.stderr }).toMatchObject({ code: 0 });
    const { live } = resultOf(last);
    expect(live).toMatchObject({ lost: 0, extra: 0, sourceDiffers: 0, failures: {} });
    expect(live!.rowsKnown).toBeGreaterThan(5_000);
  },
  20 * MINUTES,
);
