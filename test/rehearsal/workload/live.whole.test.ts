/** A shop moves while it is open, with what would be deployed: the rehearsal as its users run it. */
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
  // Starting a cluster stops what a killed rehearsal left running on it.
  for (const name of existsSync(state) ? readdirSync(state) : []) {
    if (/^(source|target)-\d+$/.test(name))
      await (await startPostgres({ directory: join(state, name) })).stop();
  }
  rmSync(state, { recursive: true, force: true });
});

const words = (...more: string[]) => ['orders-live', '--rows', '20000', '--json', '--state', state, ...more];

const resultOf = ({ stdout }: Leg): RehearsalResult =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as RehearsalResult;

test(
  'a shop that is open moves, loses nothing, and pauses for seconds; a wrong row is then seen',
  async () => {
    const leg = await runLeg(words(), null);
    expect({ code: leg.exitCode, out: leg.stdout, err: leg.stderr }).toMatchObject({ code: 0 });
    const { verdict, doubts, live, tables, access } = resultOf(leg);
    expect({ verdict, doubts, denied: access.denied }).toEqual({ verdict: 'pass', doubts: [], denied: [] });
    expect(live).toMatchObject({ lost: 0, extra: 0, sourceDiffers: 0, failures: {}, traces: [] });
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
      // One that the writers know, and one that nobody touched.
      `UPDATE shop.stock SET reserved = reserved - 1 WHERE reserved = (SELECT max(reserved) FROM shop.stock);
       UPDATE shop.customers SET name = name || '!' WHERE id = (SELECT max(id) FROM shop.customers WHERE note = '{"a",NULL,\\"b\\"}')`,
    );
    await target.stop();
    const again = await runLeg(words('--resume'), null);
    expect(again.exitCode).toBe(1);
    expect(resultOf(again).doubts.join('\n')).toMatch(
      /shop\.customers: 1 different|public\.stock: acknowledged rows lost: \d+/,
    );
    expect(resultOf(again).live!.lost).toBeGreaterThan(0);
  },
  15 * MINUTES,
);

test(
  'a rehearsal that is killed with its writers goes on, and knows every write that was acknowledged',
  async () => {
    for (const ms of [4_000, 6_000]) {
      const leg = await runLeg(words(...(ms === 4_000 ? [] : ['--resume'])), { since: 'execution', ms });
      expect(leg.exitCode).toBeNull();
    }
    const last = await runLeg(words('--resume'), null);
    expect({ code: last.exitCode, out: last.stdout, err: last.stderr }).toMatchObject({ code: 0 });
    const { live } = resultOf(last);
    expect(live).toMatchObject({ lost: 0, extra: 0, sourceDiffers: 0, failures: {} });
    expect(live!.rowsKnown).toBeGreaterThan(5_000);
  },
  20 * MINUTES,
);
