import { stageText } from '../../contract/lifecycle/stage-text';
import { ENVIRONMENT, MIGRATION, operatorOf, readTarget } from '../migration-verbs';
import type { Operator } from '../operator';
import { differencesText } from '../report-text';
import { assertResumable } from '../resumable';
import { EXIT, type Terminal } from '../terminal';
import type { Verb } from '../verb';

const CLAIM_MS_MAX = 30_000;
const POLL_MS = 1_000;

export const resume: Verb = {
  name: 'resume',
  summary: 'Continues a migration that is held, or whose execution has ended.',
  positionals: [MIGRATION],
  flags: { env: ENVIRONMENT },
  details: [
    'Continues after the last finished stage, chunk and page, and retries the failed step. The definition that was frozen when the generation started stays in effect; differences from the deployed one are shown.',
    'Starts the code version that the migration records, whatever was deployed since.',
  ],
  async run(given, terminal) {
    const target = readTarget(given);
    given.check();
    const operator = operatorOf(target);
    const record = (await operator.report(target.migration))?.record ?? null;
    assertResumable(target.migration, record);
    const execution = await operator.resumeMigration(record);
    terminal.out(`resumed at stage ${stageText(record.shape, record.stage)} as ${execution}`);
    for (const line of await differencesAfterClaim(operator, target.migration, execution, terminal))
      terminal.err(line);
    terminal.out(`watch it with: npx sluice status ${target.migration} --env ${target.environment}`);
    return EXIT.ok;
  },
};

/** Waits briefly for the execution's claim, which compares the deployed definition with the frozen one. */
async function differencesAfterClaim(
  operator: Operator,
  migration: string,
  execution: string,
  terminal: Terminal,
): Promise<readonly string[]> {
  for (let waitedMs = 0; waitedMs < CLAIM_MS_MAX; waitedMs += POLL_MS) {
    const record = (await operator.report(migration))?.record;
    if (record?.execution === execution) return differencesText(record.differences);
    const state = await operator.describe(execution);
    if (state !== null && state.status !== 'RUNNING') return [];
    await terminal.sleep(POLL_MS);
  }
  return ['the execution has not claimed the migration yet; status will show whether its definition differs'];
}
