/** A live migration that is killed or aborted at a stage. `npm test` samples the stages; `npm run test:long` covers every one. */
import { stagesBeforeFlip, type Stage } from '../../../src/contract/lifecycle';
import { dyingBefore } from '../../support/dying';
import { revoke, undo } from '../../support/undo';
import type { Lab } from '../../support/world';
import { assertGone, assertMoved, LIVE, liveState, Writer } from '../live-setup';

export const ABORTABLE = stagesBeforeFlip('cdc');

export const resumesAfterKill = (stages: readonly Stage[], lab: () => Lab): void =>
  test.each(stages)(
    'a migration that is killed after %s, before it is recorded, can be resumed',
    async (stage) => {
      const trial = await lab().trial(LIVE);
      const writer = new Writer(trial.source, 10);
      await trial.begin();
      await expect(trial.walk('stop-capture', dyingBefore(trial, stage))).rejects.toThrow('killed');
      await trial.begin('execution-2');
      await trial.walk('stop-capture');
      await writer.stop();
      await assertMoved(trial);
    },
  );

export const abortsAfter = (stages: readonly Stage[], lab: () => Lab): void =>
  test.each(stages)('after %s, both databases are restored', async (stage) => {
    const trial = await lab().trial(LIVE);
    const before = await liveState(trial);
    await trial.begin();
    await trial.walk(stage);
    await trial.abort('the operator changed her mind');
    await trial.sync().over();
    await assertGone(trial, before);
  });

export const abortsInterrupted = (stages: readonly Stage[], lab: () => Lab): void =>
  test.each(stages)(
    'in %s, interrupted before it was recorded, both databases are restored',
    async (stage) => {
      const trial = await lab().trial(LIVE);
      const before = await liveState(trial);
      await trial.begin();
      await expect(trial.walk(stage, dyingBefore(trial, stage))).rejects.toThrow('killed');
      await trial.abort('the operator changed her mind');
      if (ABORTABLE.indexOf(stage) > ABORTABLE.indexOf('plan')) await trial.sync().over();
      await assertGone(trial, before);
    },
  );

export const abortsUnderWrites = (stages: readonly Stage[], lab: () => Lab): void =>
  test.each(stages)(
    'after %s, with a running application and appliers, the source keeps all writes',
    async (stage) => {
      const trial = await lab().trial(LIVE);
      const before = await liveState(trial);
      const writer = new Writer(trial.source);
      await trial.begin();
      await trial.walk(stage);
      await revoke(trial.world(), 'the operator changed her mind');
      await undo(trial.world());
      await writer.stop();
      await trial.sync().over();
      expect(writer.committed).toBeGreaterThan(0);
      const { schema } = before.source;
      await assertGone(trial, { ...before, source: { schema, rows: (await liveState(trial)).source.rows } });
    },
  );
