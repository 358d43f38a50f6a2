import { stageText } from '../../contract/lifecycle/stage-text';
import type { MigrationRecord } from '../../core/ledger';
import { CommandFailed } from '../failures';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const resume: Verb = {
  name: 'resume',
  summary: 'Continues a migration that is held, or whose execution has ended.',
  positionals: [MIGRATION],
  flags: { env: ENVIRONMENT },
  details: ['Continues after the last finished stage, chunk and page, and retries the failed step.'],
  async run(given, terminal) {
    const target = readTarget(given);
    given.check();
    const operator = operatorOf(target);
    const record = (await operator.report(target.migration))?.record ?? null;
    assertResumable(target.migration, record);
    const execution = await operator.startMigration({ migration: target.migration });
    terminal.out(`resumed at stage ${stageText(record.shape, record.stage)} as ${execution}`);
    terminal.out(`watch it with: npx sluice status ${target.migration} --env ${target.environment}`);
    return EXIT.ok;
  },
};

/** Refuses early, without an execution; the state machine checks the same. */
function assertResumable(
  migration: string,
  record: MigrationRecord | null,
): asserts record is MigrationRecord {
  if (record === null)
    throw new CommandFailed(
      `migration ${migration} was never started here. Start it: npx sluice start ${migration}`,
    );
  switch (record.status) {
    case 'running':
    case 'held':
      return;
    case 'aborting':
      throw new CommandFailed(
        `migration ${migration} is being aborted (${record.reason ?? 'no reason given'}). Finish the abort: npx sluice abort ${migration} --reason …`,
      );
    case 'aborted':
      throw new CommandFailed(
        `migration ${migration} was aborted. Start it again: npx sluice start ${migration}`,
      );
    case 'done':
      throw new CommandFailed(
        `migration ${migration} is done: the target serves writes, and nothing is left to do`,
      );
  }
}
