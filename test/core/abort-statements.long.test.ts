/** Stages and aborts that are interrupted at every statement. */
import { startLab, type Lab, type Trial } from '../support/world';
import { assertAborted, MADE, stateOf } from './abort-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe('a stage interrupted at any statement', () => {
  /** Lets so many statements of the owner's login through. */
  const killedAfter = (trial: Trial, statements: number) => {
    let seen = 0;
    return trial.world(async (call) => {
      if (call.login === 'owner' && call.side === 'target' && ++seen > statements) throw new Error('killed');
      return call.run();
    });
  };

  test.each([1, 2, 3])(
    'of prepare (%i of the target done) is aborted without a trace',
    async (statements) => {
      const trial = await lab.trial(MADE);
      const before = await stateOf(trial);
      await trial.begin();
      const world = killedAfter(trial, statements);
      await expect(trial.stage('prepare', world)).rejects.toThrow('killed');
      await trial.abort();
      expect(await stateOf(trial)).toEqual(before);
      await assertAborted(trial, 'a test says so');
    },
  );

  test.each([1, 2, 3])('of prepare (%i of the target done) is resumed and completed', async (statements) => {
    const trial = await lab.trial(MADE);
    await trial.begin();
    await expect(trial.stage('prepare', killedAfter(trial, statements))).rejects.toThrow('killed');
    await trial.begin('execution-2');
    await trial.walk('verify');
    expect((await trial.contents()).target).toEqual((await trial.contents()).source);
    await trial.abort();
    expect(await trial.target.traces()).toEqual([]);
  });
});

describe('an interrupted abort', () => {
  test('at any statement reaches the same end when repeated', async () => {
    const trial = await lab.trial(MADE);
    const before = await stateOf(trial);
    await trial.begin();
    await trial.walk('seal');
    let statements = 0;
    for (let allowed = 0, done = false; !done; allowed += 1) {
      statements = 0;
      const world = trial.world(async (call) => {
        // Half of the time the statement ran, and only its response is lost.
        if (++statements > allowed) {
          if (allowed % 2 === 0) await call.run();
          throw new Error('killed');
        }
        return call.run();
      });
      done = await trial.abort('again and again', world).then(
        () => true,
        () => false,
      );
      expect(allowed).toBeLessThan(40);
    }
    expect(await stateOf(trial)).toEqual(before);
    await assertAborted(trial, 'again and again');
  });
});
