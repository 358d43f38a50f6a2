/** A stage that was decided before an abort and arrives after it is refused by the database, or undone with the rest. */
import { FencedOut, WrongState } from '../../src/core/errors';
import { revoke, undo } from '../support/undo';
import { seal } from '../../src/core/cutover/seal';
import { fence } from '../../src/core/stages/fence';
import { prepare } from '../../src/core/stages/prepare';
import { recordFailure } from '../../src/core/execution/record-failure';
import { overriding, startLab, type Call, type Lab, type Trial } from '../support/world';
import { hanger } from './one-chunk';
import { lateFlip, sourceIsOpen } from './cutover-scene';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

async function walked(until: Parameters<Trial['walk']>[0]): Promise<Trial> {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10)',
  });
  await trial.begin();
  await trial.walk(until);
  return trial;
}

describe('a fence whose intent is older than an abort', () => {
  /** Stops the statement that would change the source's guard. */
  const held = (trial: Trial, hang: ReturnType<typeof hanger>['hang'], state: string) =>
    trial.world((call: Call) =>
      call.side === 'source' && call.parameters.state === state ? hang(() => call.run()) : call.run(),
    );

  test('is refused by the epoch when the workers are revoked', async () => {
    const trial = await walked('prepare');
    const { hang, hangs, wake } = hanger();
    const late = fence(trial.context(held(trial, hang, 'fenced'))).catch((error: unknown) => error);
    await hangs;
    expect((await trial.control.recordOrFail(trial.name)).writes).toMatch(/^source→target#\d+$/);
    await revoke(trial.world(), 'changed our minds');
    wake();
    expect(await late).toBeInstanceOf(FencedOut);
    expect(await sourceIsOpen(trial)).toBe(true);
    await undo(trial.world());
    expect(await trial.source.traces()).toEqual([]);
  });

  test('finds nothing to fence after the abort', async () => {
    const trial = await walked('prepare');
    const { hang, hangs, wake } = hanger();
    const late = fence(trial.context(held(trial, hang, 'fenced'))).catch((error: unknown) => error);
    await hangs;
    await trial.abort();
    wake();
    expect(await late).toBeInstanceOf(Error);
    expect(await sourceIsOpen(trial)).toBe(true);
    expect(await trial.source.traces()).toEqual([]);
  });

  test('does not fence the next generation', async () => {
    const trial = await walked('prepare');
    const { hang, hangs, wake } = hanger();
    const late = fence(trial.context(held(trial, hang, 'fenced'))).catch((error: unknown) => error);
    await hangs;
    await trial.abort();
    await trial.begin('execution-2');
    await trial.walk('prepare');
    wake();
    expect(await late).toBeInstanceOf(FencedOut);
    expect(await sourceIsOpen(trial)).toBe(true);
  });

  test('a flip that arrives after its execution failed has no effect until the resumed one flips', async () => {
    const trial = await walked('seal');
    const { late, wake } = await lateFlip(trial);
    await recordFailure(trial.world(), trial.name, 'execution-1', { Error: 'States.Timeout', Cause: 'slow' });
    wake();
    expect(await late).toBeInstanceOf(WrongState);
    expect(await trial.control.recordOrFail(trial.name)).toMatchObject({
      status: 'held',
      stage: 'seal',
      writes: expect.stringMatching(/^source→target#/) as string,
    });
    await trial.begin('execution-2');
    await trial.walk('open');
    expect(await trial.control.recordOrFail(trial.name)).toMatchObject({ status: 'done', writes: 'target' });
  });

  test('a late seal is undone by the abort', async () => {
    const trial = await walked('verify');
    const { hang, hangs, wake } = hanger();
    const late = seal(trial.context(held(trial, hang, 'sealed'))).catch((error: unknown) => error);
    await hangs;
    await revoke(trial.world(), 'changed our minds');
    wake();
    expect(await late).toBeInstanceOf(Error);
    await undo(trial.world());
    expect(await sourceIsOpen(trial)).toBe(true);
  });

  test('a late prepare does not grant the target to revoked workers again', async () => {
    const trial = await walked('preflight');
    const { hang, hangs, wake } = hanger();
    const world = trial.world();
    // The state in which the guard was last read is dark: a second prepare hangs before it takes its epoch.
    await prepare(trial.context());
    let requests = 0;
    const control = overriding(world.control, {
      recordOrFail: async (name) => ({
        ...(await world.control.recordOrFail(name)),
        stage: 'preflight' as const,
      }),
      nextEpoch: (name) =>
        ++requests === 2 ? hang(() => world.control.nextEpoch(name)) : world.control.nextEpoch(name),
    });
    const late = prepare(trial.context({ ...world, control })).catch((error: unknown) => error);
    await hangs;
    await revoke(trial.world(), 'changed our minds');
    wake();
    expect(await late).toBeInstanceOf(Error);
    expect(await trial.guard('target')).toMatchObject({ state: 'revoked' });
  });
});
