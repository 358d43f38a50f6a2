/** Kills a whole rehearsal with SIGKILL at random instants, and resumes it with `--resume`. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChunkRecord } from '../../../src/core/ledger';
import { seedsOf } from '../../support/seeds';
import { chunksLeft, runLeg, type Instant } from './killed-rehearsal';

/** By default four rehearsals of five kills each: twenty instants. */
const SEEDS = seedsOf('1-4');
const KILLS = 5;
/** Enough for a backfill of some seconds. */
const ROWS = 40_000;

const states: string[] = [];
/** Number of kills that interrupted a backfill. */
let halfDone = 0;
afterAll(() => {
  for (const state of states) rmSync(state, { recursive: true, force: true });
});

/** Creates a mulberry32 generator, so that a seed repeats its instants. */
function instants(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The first kill interrupts the backfill; later ones come at any time of the run, or after the execution has started. */
function instantOf(kill: number, random: () => number): Instant {
  if (kill === 0) return { since: 'backfill', ms: random() * 1_000 };
  return kill % 2 === 0
    ? { since: 'start', ms: 500 + random() * 7_500 }
    : { since: 'execution', ms: random() * 4_000 };
}

test.each(SEEDS)(
  'a rehearsal that is killed five times finishes with the same result, seed %i',
  async (seed) => {
    const state = mkdtempSync(join(tmpdir(), 'sluice-killed-'));
    chmodSync(state, 0o755);
    states.push(state);
    const random = instants(seed);
    const args = ['--state', state, '--rows', String(ROWS), '--seed', String(seed), '--json'];
    const closedAt: ChunkRecord[][] = [];
    let ended = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const instant = instantOf(kill, random);
      // A kill may come before the rehearsal has created a file to resume from.
      const isStarted = readdirSync(state).length > 0;
      const leg = await runLeg(isStarted ? [...args, '--resume'] : args, instant);
      if (leg.exitCode !== null) {
        // The rehearsal finished before the instant, so it must have passed.
        expect({ code: leg.exitCode, stderr: leg.stderr }).toMatchObject({ code: 0 });
        ended += 1;
      }
      const left = await chunksLeft(state, 'orders');
      const closed = left.filter((chunk) => chunk.state === 'closed');
      if (closed.length < left.length) halfDone += 1;
      closedAt.push(closed);
    }

    const last = await runLeg([...args, '--resume'], null);
    const line = last.stdout.trim().split('\n').at(-1) ?? '';
    expect({ code: last.exitCode, stderr: last.stderr }).toMatchObject({ code: 0 });
    const result = JSON.parse(line) as {
      verdict: string;
      tables: { sourceRows: number; targetRows: number; missing: number; extra: number; different: number }[];
    };
    expect(result.verdict).toBe('pass');
    expect(result.tables).toHaveLength(5);
    for (const table of result.tables) {
      expect(table).toMatchObject({ missing: 0, extra: 0, different: 0, targetRows: table.sourceRows });
    }

    const final = await chunksLeft(state, 'orders');
    const tokenOf = ({ table, chunk }: ChunkRecord) =>
      final.find((other) => other.table === table && other.chunk === chunk)?.token;
    for (const chunk of closedAt.flat()) expect(tokenOf(chunk)).toBe(chunk.token);
    // The chunks of a table count every row once; a page that was copied twice would be counted or refused twice.
    const counted = (table: string) =>
      final
        .filter((chunk) => chunk.table === table)
        .reduce((sum, chunk) => sum + (chunk.target?.rows ?? 0), 0);
    expect(counted('shop.orders')).toBe(ROWS);
    expect(ended).toBeLessThan(KILLS);
  },
  600_000,
);

test('some of the kills interrupted a backfill', () => {
  expect(halfDone).toBeGreaterThanOrEqual(Math.min(3, SEEDS.length));
});
