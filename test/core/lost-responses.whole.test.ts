/** A response may be lost before or after the statement ran; the lease shows which. */
import { OutcomeUnknown } from '../../src/adapters/postgres/statement-refused';
import { FencedOut, TransientFailure } from '../../src/core/errors';
import { atCall, OneChunk, ROWS } from './one-chunk';

let one: OneChunk;
beforeAll(async () => {
  one = await OneChunk.start();
});
afterAll(() => one.stop());
beforeEach(() => one.reopen());

describe('a lost response', () => {
  const lost = async (run: () => Promise<unknown>): Promise<never> => {
    await run();
    throw new OutcomeUnknown('executed');
  };
  const neverRan = async (): Promise<never> => {
    throw new OutcomeUnknown('not executed');
  };
  const late = async (run: () => Promise<unknown>): Promise<never> => {
    setTimeout(() => void run().catch(() => undefined), 15);
    throw new OutcomeUnknown('executes later');
  };

  test.each<[string, (run: () => Promise<unknown>) => Promise<never>]>([
    ['although the page was written', lost],
    ['and the page was not written', neverRan],
    ['and the page is written later', late],
  ])('%s: the lease shows the outcome', async (_how, fault) => {
    for (const nth of [1, 3]) {
      await one.reopen();
      const world = one.withWriter((writer) => ({
        writePage: atCall(nth, writer.writePage.bind(writer), fault),
      }));
      expect(await one.copy(world)).toMatchObject({ done: true, progress: { rows: ROWS, skipped: 0 } });
      expect(await one.copied()).toBe(one.content);
    }
  });

  test.each<[string, (run: () => Promise<unknown>) => Promise<never>]>([
    ['executed', lost],
    ['not executed', neverRan],
  ])('of installing or closing a lease, %s: the call is repeated', async (_how, fault) => {
    const world = one.withLeases((leases) => ({
      install: atCall(1, leases.install.bind(leases), fault),
      close: atCall(1, leases.close.bind(leases), fault),
    }));
    expect(await one.copy(world)).toMatchObject({ done: true });
    expect(await one.copied()).toBe(one.content);
  });

  test('is resolved once the lease can be read', async () => {
    let unreadable = 2;
    const losing = one.withWriter((writer) => ({
      writePage: atCall(2, writer.writePage.bind(writer), lost),
    }));
    const world = one.withLeases(
      (leases) => ({ read: (scope) => (unreadable-- > 0 ? neverRan() : leases.read(scope)) }),
      losing,
    );
    expect(await one.copy(world)).toMatchObject({ done: true, progress: { rows: ROWS } });
    expect(await one.copied()).toBe(one.content);
  });

  test('that cannot be resolved ends the claim without assuming an outcome', async () => {
    const world = one.withWriter(() => ({ writePage: neverRan }));
    await expect(one.copy(world)).rejects.toBeInstanceOf(TransientFailure);
    expect(await one.chunk()).toMatchObject({ state: 'open', failure: 'TransientFailure' });
    expect(await one.copy(one.trial.world())).toMatchObject({ done: true });
    expect(await one.copied()).toBe(one.content);
  });

  test('followed by a newer claim stops the copier', async () => {
    const world = one.withWriter((writer) => ({
      writePage: atCall(2, writer.writePage.bind(writer), async () => {
        await one.copy(one.trial.world());
        throw new OutcomeUnknown('not executed');
      }),
    }));
    await expect(one.copy(world)).rejects.toBeInstanceOf(FencedOut);
    expect(await one.copied()).toBe(one.content);
  });
});
