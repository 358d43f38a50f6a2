/** A copier may die at any step; the next claim finishes, and no page is written twice. */
import { copyItem } from '../../src/core/backfill/copy-item';
import type { World } from '../../src/core/world';
import { withEnd } from '../support/world';
import { atCall, OneChunk, ROWS } from './one-chunk';

let one: OneChunk;
beforeAll(async () => {
  one = await OneChunk.start();
});
afterAll(() => one.stop());
beforeEach(() => one.reopen());

class Killed extends Error {}
const before = async (): Promise<never> => {
  throw new Killed('before');
};
const after = async (run: () => Promise<unknown>): Promise<never> => {
  await run();
  throw new Killed('after');
};

async function assertFinished(pagesHeld: { rows: number }): Promise<void> {
  expect(await one.copied()).toBe(one.content);
  expect(pagesHeld.rows).toBe(ROWS);
  expect(await one.chunk()).toMatchObject({ state: 'closed', skipped: 0, stalled: 0, failure: null });
  expect(await one.trial.problems()).toEqual([]);
  expect(await one.lease()).toMatchObject({ open: false, token: (await one.chunk()).token });
}

/** Counts rows of page writes whose fence held, in all worlds that share the counter. */
const counting = (world: World, counter: { rows: number }): World =>
  one.withWriter(
    (writer) => ({
      writePage: async (layout, ticket, groups) => {
        const held = await writer.writePage(layout, ticket, groups);
        if (held) counter.rows += groups.reduce((sum, group) => sum + group.rows, 0);
        return held;
      },
    }),
    world,
  );

test('the seed takes several pages', async () => {
  await one.copy(one.trial.world());
  expect((await one.chunk()).pages).toBeGreaterThanOrEqual(4);
});

describe.each([1, 2, 4])('a copier that is killed at page %i', (nth) => {
  test.each<[string, (counter: { rows: number }) => World]>([
    [
      'before it is written',
      (counter) =>
        one.withWriter(
          (writer) => ({ writePage: atCall(nth, writer.writePage.bind(writer), before) }),
          counting(one.trial.world(), counter),
        ),
    ],
    [
      'after it is written, before the checkpoint',
      (counter) =>
        one.withWriter(
          (writer) => ({ writePage: atCall(nth, writer.writePage.bind(writer), after) }),
          counting(one.trial.world(), counter),
        ),
    ],
    [
      'at the checkpoint, which is lost',
      (counter) =>
        counting(
          one.withLedger((ledger) => ({ checkpoint: atCall(nth, ledger.checkpoint.bind(ledger), before) })),
          counter,
        ),
    ],
    [
      'at the checkpoint, which was made',
      (counter) =>
        counting(
          one.withLedger((ledger) => ({ checkpoint: atCall(nth, ledger.checkpoint.bind(ledger), after) })),
          counter,
        ),
    ],
    [
      'while it reads the page',
      (counter) => {
        const world = counting(one.trial.world(), counter);
        return withEnd(world, 'source', ({ reader }) => ({
          reader: { readPage: atCall(nth, reader.readPage.bind(reader), before) },
        }));
      },
    ],
  ])('%s, is replaced by one that finishes', async (_when, dying) => {
    const counter = { rows: 0 };
    await expect(one.copy(dying(counter))).rejects.toBeInstanceOf(Killed);
    expect(await one.chunk()).toMatchObject({ state: 'open', failure: 'Error' });
    expect(await one.copy(counting(one.trial.world(), counter))).toMatchObject({ done: true });
    await assertFinished(counter);
  });
});

describe('a copier that is killed after its last page', () => {
  test.each<[string, () => World]>([
    [
      'before it closes its lease',
      () => one.withLeases((leases) => ({ close: atCall(1, leases.close.bind(leases), before) })),
    ],
    [
      'after it closed its lease',
      () => one.withLeases((leases) => ({ close: atCall(1, leases.close.bind(leases), after) })),
    ],
    [
      'before it closes its chunk',
      () => one.withLedger((ledger) => ({ close: atCall(1, ledger.close.bind(ledger), before) })),
    ],
  ])('%s, is replaced by one that only closes the chunk', async (_when, dying) => {
    const counter = { rows: 0 };
    await expect(one.copy(counting(dying(), counter))).rejects.toBeInstanceOf(Killed);
    expect(counter.rows).toBe(ROWS);
    expect(await one.copy(counting(one.trial.world(), counter))).toMatchObject({
      done: true,
      progress: { pages: 0, rows: 0 },
    });
    await assertFinished(counter);
  });

  test('after closing its chunk has finished it', async () => {
    const counter = { rows: 0 };
    await expect(
      one.copy(
        counting(
          one.withLedger((ledger) => ({ close: atCall(1, ledger.close.bind(ledger), after) })),
          counter,
        ),
      ),
    ).rejects.toBeInstanceOf(Killed);
    expect(await one.copy(one.trial.world())).toMatchObject({ done: true, progress: { rows: 0 } });
    await assertFinished(counter);
  });
});

test('a copier that is killed repeatedly makes progress each time, and a checkpoint resets its failures', async () => {
  const counter = { rows: 0 };
  for (let died = 0; died < 3; died += 1) {
    const world = counting(one.trial.world(), counter);
    const dying = one.withWriter(
      (writer) => ({ writePage: atCall(2, writer.writePage.bind(writer), before) }),
      world,
    );
    await expect(one.copy(dying)).rejects.toBeInstanceOf(Killed);
    expect((await one.chunk()).stalled).toBe(0);
  }
  await one.copy(counting(one.trial.world(), counter));
  await assertFinished(counter);
});

test('a claim that ends before any progress is counted', async () => {
  const stuck = () => one.withLeases(() => ({ install: before }));
  const stalled = (await one.chunk()).stalled;
  for (const more of [1, 2]) {
    await expect(one.copy(stuck())).rejects.toBeInstanceOf(Killed);
    expect(await one.chunk()).toMatchObject({ stalled: stalled + more, failure: 'Error' });
  }
  await one.copy(one.trial.world());
  expect((await one.chunk()).stalled).toBe(0);
});

test('a worker stops before its timeout, after any page, and continues from there', async () => {
  const counter = { rows: 0 };
  let invocations = 0;
  for (let done = false; !done; invocations += 1) {
    ({ done } = await copyItem(counting(one.trial.world(), counter), one.trial.item(0), () => 30_000));
    expect(invocations).toBeLessThan(50);
  }
  expect(invocations).toBeGreaterThanOrEqual(4);
  await assertFinished(counter);
});
