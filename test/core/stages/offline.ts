/** An offline migration that is aborted at a stage. `npm test` samples the stages; `npm run test:long` covers every one. */
import { stagesBeforeFlip, type Stage } from '../../../src/contract/lifecycle';
import { dyingBefore } from '../../support/dying';
import type { Setup } from '../../support/trial-definition';
import type { Lab } from '../../support/world';
import { assertAborted, MADE, stateOf, THERE } from '../abort-setup';

export const ABORTABLE = stagesBeforeFlip('offline');

/** The two ways in which the target's tables come to exist. */
export const TABLES: readonly (readonly [what: string, setup: Setup])[] = [
  ['tables that were there', THERE],
  ['tables that Sluice made', MADE],
];

export const abortsAfter = (
  stages: readonly ('claim-migration' | Stage)[],
  setup: Setup,
  lab: () => Lab,
): void =>
  test.each(stages)('after %s, both databases are restored', async (stage) => {
    const trial = await lab().trial(setup);
    const before = await stateOf(trial);
    await trial.begin();
    if (stage !== 'claim-migration') await trial.walk(stage);
    await trial.abort('the operator changed her mind');
    expect(await stateOf(trial)).toEqual(before);
    await assertAborted(trial, 'the operator changed her mind');
    if (setup === THERE) expect(await trial.target.count('parent')).toBe(0);
  });

export const abortsInterrupted = (stages: readonly Stage[], setup: Setup, lab: () => Lab): void =>
  test.each(stages)(
    'in %s, interrupted before it was recorded, both databases are restored',
    async (stage) => {
      const trial = await lab().trial(setup);
      const before = await stateOf(trial);
      await trial.begin();
      await expect(trial.walk(stage, dyingBefore(trial, stage))).rejects.toThrow('killed');
      await trial.abort('the operator changed her mind');
      expect(await stateOf(trial)).toEqual(before);
      await assertAborted(trial, 'the operator changed her mind');
    },
  );
