/** An abandoned copier may continue at any step; it changes nothing. */
import { FencedOut } from '../../src/core/errors';
import type { World } from '../../src/core/world';
import { withEnd } from '../support/world';
import { atCall, hanger, OneChunk, SETUP, type Hang } from './one-chunk';

let one: OneChunk;
beforeAll(async () => {
  one = await OneChunk.start();
});
afterAll(() => one.stop());
beforeEach(() => one.reopen());

describe('a copier that hangs and continues after its successor has finished', () => {
  test.each<[string, (hang: Hang) => World]>([
    [
      'before a page',
      (hang) => one.withWriter((writer) => ({ writePage: atCall(2, writer.writePage.bind(writer), hang) })),
    ],
    [
      'before its first page',
      (hang) => one.withWriter((writer) => ({ writePage: atCall(1, writer.writePage.bind(writer), hang) })),
    ],
    [
      'before a checkpoint',
      (hang) => one.withLedger((ledger) => ({ checkpoint: atCall(2, ledger.checkpoint.bind(ledger), hang) })),
    ],
    [
      'before it takes its lease',
      (hang) => one.withLeases((leases) => ({ install: atCall(1, leases.install.bind(leases), hang) })),
    ],
    [
      'before it closes its lease',
      (hang) => one.withLeases((leases) => ({ close: atCall(1, leases.close.bind(leases), hang) })),
    ],
    [
      'before it closes its chunk',
      (hang) => one.withLedger((ledger) => ({ close: atCall(1, ledger.close.bind(ledger), hang) })),
    ],
  ])('%s changes nothing', async (_when, hanging) => {
    const { hang, hangs, wake } = hanger();
    const zombie = one.copy(hanging(hang)).catch((error: unknown) => error);
    await hangs;
    expect(await one.copy(one.trial.world())).toMatchObject({ done: true });
    const [ledger, leased] = [await one.chunk(), await one.lease()];
    wake();
    expect(await zombie).toBeInstanceOf(FencedOut);
    expect(await one.chunk()).toEqual(ledger);
    expect(await one.lease()).toEqual(leased);
    expect(await one.copied()).toBe(one.content);
  });

  test('does not disturb a successor that is still working', async () => {
    const first = hanger();
    const second = hanger();
    const zombie = one
      .copy(one.withWriter((writer) => ({ writePage: atCall(2, writer.writePage.bind(writer), first.hang) })))
      .catch((error: unknown) => error);
    await first.hangs;
    const successor = one.copy(
      one.withWriter((writer) => ({ writePage: atCall(2, writer.writePage.bind(writer), second.hang) })),
    );
    await second.hangs;
    first.wake();
    expect(await zombie).toBeInstanceOf(FencedOut);
    second.wake();
    expect(await successor).toMatchObject({ done: true });
    expect(await one.copied()).toBe(one.content);
  });
});

test('an abort stops a copier at its next write', async () => {
  const other = await one.lab.trial(SETUP);
  await other.begin();
  await other.walk('plan');
  const { hang, hangs, wake } = hanger();
  const world = other.world();
  const hanging = withEnd(world, 'target', ({ writer }) => ({
    writer: { writePage: atCall(2, writer.writePage.bind(writer), hang) },
  }));
  const copier = other.copy(0, hanging).catch((error: unknown) => error);
  await hangs;
  await other.abort();
  wake();
  expect(await copier).toBeInstanceOf(Error);
  expect(await other.target.count('t')).toBe(0);
  expect(await other.target.traces()).toEqual([]);
});
